using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamForecaster.Scoring;

/// <summary>
/// The nearest-window memory: 32 stored windows of 24 values in 4 bits each. A value is coded as
/// round(3 asinh((x − μ)/σ)) within ± 7; windows are stored as they were 60 steps ago, so that what is going on now
/// is not compared with itself.
/// </summary>
struct ShapeMemory
{
    const int Length = 24;
    const int Pairs = Length / 2;
    const int Windows = 32;
    const int Delay = 60;
    const int Every = 5;
    const int Recent = Length + Delay;
    const int Zero = 7;
    const double PerUnit = 3;

    // Where round(3 asinh z) goes up by one: sinh((k − ½)/3), k = 1..7; cheaper than asinh at every step.
    static readonly double[] Edges = [.. Enumerable.Range(1, Zero).Select(k => Math.Sinh((k - 0.5) / PerUnit)), double.PositiveInfinity];

    double _mean;
    float _deviation;
    RecentCodes _recent;    // 84 codes, two a byte, the newest first
    WindowCodes _windows;   // [pair of codes, window]
    byte _stored;

    /// <summary>
    /// Takes the <paramref name="steps"/>-th value in, and gives the L1 distance, in codes, of the last 24 values to
    /// the nearest stored window; 0 while none is stored.
    /// </summary>
    internal int Observe(double value, uint steps, double mean, double deviation)
    {
        if (steps is 0 or 24 or 60 or 149)
        {
            Recode(mean, deviation);
        }

        _recent.Push(Code(value));
        if (steps < Recent)
        {
            return 0;
        }

        var distance = _stored == 0 ? 0 : Nearest();
        if (steps % Every == 0)
        {
            Store(steps);
        }

        return distance;
    }

    readonly int Code(double value)
    {
        var apart = value - _mean;
        var magnitude = Vector256.Create(Math.Abs(apart));
        ref var edges = ref MemoryMarshal.GetArrayDataReference(Edges);
        var low = Vector256.GreaterThan(magnitude, Vector256.LoadUnsafe(ref edges) * _deviation);
        var high = Vector256.GreaterThan(magnitude, Vector256.LoadUnsafe(ref edges, 4) * _deviation);
        var code = BitOperations.PopCount(low.ExtractMostSignificantBits()) + BitOperations.PopCount(high.ExtractMostSignificantBits());
        return Zero + (apart < 0 ? -code : code);
    }

    void Recode(double mean, double deviation)
    {
        deviation = Math.Max(deviation, Math.Max(1e-9 * Math.Abs(mean), 1e-30));
        var (oldMean, oldDeviation) = (_mean, _deviation);
        (_mean, _deviation) = (mean, (float)deviation);
        Span<byte> translate = stackalloc byte[16];
        for (var code = 0; code < 16; code++)
        {
            translate[code] = (byte)Code(oldMean + (oldDeviation * Math.Sinh((code - Zero) / PerUnit)));
        }

        Translate(_recent, translate);
        Translate(_windows, translate);
    }

    static void Translate(Span<byte> codes, ReadOnlySpan<byte> translate)
    {
        foreach (ref var pair in codes)
        {
            pair = (byte)(translate[pair & 15] | (translate[pair >> 4] << 4));
        }
    }

    void Store(uint steps)
    {
        // When full, a scrambled step number picks the place: the same choice in every run.
        var place = _stored < Windows ? _stored++ : (int)(((steps / Every) * 2654435769u) >> 27);
        for (var pair = 0; pair < Pairs; pair++)
        {
            _windows[(pair * Windows) + place] = _recent[(Delay / 2) + pair];
        }
    }

    readonly int Nearest()
    {
        ref var windows = ref Unsafe.AsRef(in _windows[0]);
        var (near, far) = (Vector256<byte>.Zero, Vector256<byte>.Zero);
        for (var pair = 0; pair < Pairs / 2; pair++)
        {
            // At most 28 a pair: six pairs fit a byte.
            near += Apart(Vector256.LoadUnsafe(ref windows, (nuint)(pair * Windows)), _recent[pair]);
            far += Apart(Vector256.LoadUnsafe(ref windows, (nuint)((pair + (Pairs / 2)) * Windows)), _recent[pair + (Pairs / 2)]);
        }

        var stored = Vector256.LessThan(Vector256<byte>.Indices, Vector256.Create(_stored));
        (near, far) = (near | ~stored, far | ~stored);
        var (a, b) = (Vector256.WidenLower(near) + Vector256.WidenLower(far), Vector256.WidenUpper(near) + Vector256.WidenUpper(far));
        var least = Vector256.Min(a, b);
        return Smallest(Vector128.Min(least.GetLower(), least.GetUpper()));
    }

    /// <summary>For 32 windows, how far two codes are from the present two.</summary>
    static Vector256<byte> Apart(Vector256<byte> windows, byte pair)
    {
        var nibble = Vector256.Create((byte)15);
        var (a, b) = (windows & nibble, windows >>> 4);
        var (low, high) = (Vector256.Create((byte)(pair & 15)), Vector256.Create((byte)(pair >> 4)));
        return Vector256.Max(a, low) - Vector256.Min(a, low) + (Vector256.Max(b, high) - Vector256.Min(b, high));
    }

    static int Smallest(Vector128<ushort> values)
    {
        values = Vector128.Min(values, Vector128.Shuffle(values, Vector128.Create((ushort)4, 5, 6, 7, 0, 1, 2, 3)));
        values = Vector128.Min(values, Vector128.Shuffle(values, Vector128.Create((ushort)2, 3, 0, 1, 6, 7, 4, 5)));
        return Math.Min(values[0], values[1]);
    }

    [InlineArray(Recent / 2)]
    struct RecentCodes
    {
        byte _first;

        /// <summary>Puts a code before the others; the oldest is lost.</summary>
        internal void Push(int code)
        {
            var carry = (ulong)code;
            var words = MemoryMarshal.Cast<byte, ulong>((Span<byte>)this);
            foreach (ref var word in words)
            {
                (word, carry) = ((word << 4) | carry, word >> 60);
            }

            ref var rest = ref MemoryMarshal.AsRef<ushort>(((Span<byte>)this)[(words.Length * sizeof(ulong))..]);
            rest = (ushort)((rest << 4) | (int)carry);
        }
    }

    [InlineArray(Windows * Pairs)]
    struct WindowCodes
    {
        byte _first;
    }
}
