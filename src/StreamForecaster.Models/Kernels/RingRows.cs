using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace StreamForecaster.Models.Kernels;

/// <summary>
/// One series' look at its Q15 ring [slot, unit], units a multiple of 16. A 32-bit word holds two units; shifted and masked it
/// gives both as integers 65536 times too large, without a permutation: eight words are the eight even units of sixteen, then
/// the eight odd ones. Queries and reads are in that order, and <see cref="Unit"/> undoes the scale; both are folded into the
/// weights around. Meanwhile the memory of a series that is due later is brought near, line by line.
/// </summary>
static unsafe class RingRows
{
    const int LineBytes = 64;

    /// <summary>What one step of the widened integers is worth.</summary>
    public const float Unit = 1 / (32767f * 65536f);

    /// <summary>The unit at a place of the kernels' order.</summary>
    public static int UnitAt(int place)
    {
        int within = place % 16;
        return place - within + (within < 8 ? 2 * within : 2 * (within - 8) + 1);
    }

    /// <summary>scores_slot = query · state_slot; a multiple of 4 slots.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Scores(float* query, int* ring, int slots, int units, float* scores, byte* ahead, int aheadBytes)
    {
        int words = units / 2;
        Vector256<int> odd = Vector256.Create(unchecked((int)0xFFFF0000));
        byte* aheadEnd = ahead + aheadBytes;
        for (int slot = 0; slot < slots; slot += 4)
        {
            int* s0 = ring, s1 = s0 + words, s2 = s1 + words, s3 = s2 + words;
            Vector256<float> a = Vector256<float>.Zero, b = a, c = a, d = a;
            float* q = query;
            for (int word = 0; word < words; word += 8, q += 16)
            {
                Vector256<float> even = Vector256.Load(q), other = Vector256.Load(q + 8);
                Vector256<int> w0 = Vector256.Load(s0 + word), w1 = Vector256.Load(s1 + word), w2 = Vector256.Load(s2 + word), w3 = Vector256.Load(s3 + word);
                a = Fma(other, Float(w0 & odd), Fma(even, Float(w0 << 16), a));
                b = Fma(other, Float(w1 & odd), Fma(even, Float(w1 << 16), b));
                c = Fma(other, Float(w2 & odd), Fma(even, Float(w2 << 16), c));
                d = Fma(other, Float(w3 & odd), Fma(even, Float(w3 << 16), d));
                if (ahead < aheadEnd)
                {
                    Sse.Prefetch0(ahead);
                    ahead += LineBytes;
                }
            }
            AttentionRows.FourSums(a, b, c, d).Store(scores + slot);
            ring += 4 * words;
        }
    }

    /// <summary>read = Σ weight_slot · state_slot; an even number of slots.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Read(float* weights, int* ring, int slots, int units, float* read, byte* ahead, int aheadBytes)
    {
        int words = units / 2;
        Vector256<int> odd = Vector256.Create(unchecked((int)0xFFFF0000));
        byte* aheadEnd = ahead + aheadBytes;
        for (int word = 0; word < words; word += 8)
        {
            Vector256<float> a = Vector256<float>.Zero, b = a, c = a, d = a;
            int* s = ring + word;
            for (int slot = 0; slot < slots; slot += 2)
            {
                Vector256<int> w0 = Vector256.Load(s), w1 = Vector256.Load(s + words);
                Vector256<float> f0 = Vector256.Create(weights[slot]), f1 = Vector256.Create(weights[slot + 1]);
                a = Fma(f0, Float(w0 << 16), a);
                b = Fma(f0, Float(w0 & odd), b);
                c = Fma(f1, Float(w1 << 16), c);
                d = Fma(f1, Float(w1 & odd), d);
                s += 2 * words;
                if (ahead < aheadEnd)
                {
                    Sse.Prefetch0(ahead);
                    ahead += LineBytes;
                }
            }
            (a + c).Store(read + 2 * word);
            (b + d).Store(read + 2 * word + 8);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<float> Float(Vector256<int> word) => Vector256.ConvertToSingle(word);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<float> Fma(Vector256<float> a, Vector256<float> b, Vector256<float> c) => Vector256.MultiplyAddEstimate(a, b, c);
}
