using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace StreamForecaster.Models.Kernels;

/// <summary>One row's look at its states: [step, width] a fixed distance apart, width a multiple of 16.</summary>
static unsafe class AttentionRows
{
    /// <summary>scores_t = query · state_t.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Scores(float* query, float* states, nint stride, int steps, int width, float* scores)
    {
        int t = 0;
        for (; t + 4 <= steps; t += 4)
        {
            float* s0 = states + t * stride, s1 = s0 + stride, s2 = s1 + stride, s3 = s2 + stride;
            Vector256<float> a = Vector256<float>.Zero, b = a, c = a, d = a;
            for (int j = 0; j < width; j += 8)
            {
                Vector256<float> q = Vector256.Load(query + j);
                a = Vector256.MultiplyAddEstimate(q, Vector256.Load(s0 + j), a);
                b = Vector256.MultiplyAddEstimate(q, Vector256.Load(s1 + j), b);
                c = Vector256.MultiplyAddEstimate(q, Vector256.Load(s2 + j), c);
                d = Vector256.MultiplyAddEstimate(q, Vector256.Load(s3 + j), d);
            }
            FourSums(a, b, c, d).Store(scores + t);
        }
        for (; t < steps; t++)
        {
            float* s = states + t * stride;
            Vector256<float> a = Vector256<float>.Zero;
            for (int j = 0; j < width; j += 8) a = Vector256.MultiplyAddEstimate(Vector256.Load(query + j), Vector256.Load(s + j), a);
            scores[t] = Vector256.Sum(a);
        }
    }

    /// <summary>The sums of four vectors, side by side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> FourSums(Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d)
    {
        Vector256<float> halves = Avx.HorizontalAdd(Avx.HorizontalAdd(a, b), Avx.HorizontalAdd(c, d));
        return halves.GetLower() + halves.GetUpper();
    }

    /// <summary>Softmax in place; the row is padded to a multiple of 8 with -∞, and at least one score is finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Softmax(float* scores, int padded)
    {
        Vector256<float> most = Vector256.Load(scores);
        for (int t = 8; t < padded; t += 8) most = Vector256.MaxNative(most, Vector256.Load(scores + t));
        Vector128<float> four = Vector128.MaxNative(most.GetLower(), most.GetUpper());
        Vector128<float> two = Vector128.MaxNative(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        Vector256<float> all = Vector256.Create(Vector128.MaxNative(two, Vector128.Shuffle(two, Vector128.Create(1, 0, 3, 2))).ToScalar());
        Vector256<float> total = Vector256<float>.Zero;
        for (int t = 0; t < padded; t += 8)
        {
            Vector256<float> e = Rational.Exp(Vector256.Load(scores + t) - all);
            total += e;
            e.Store(scores + t);
        }
        Vector256<float> scale = Vector256.Create(1 / Vector256.Sum(total));
        for (int t = 0; t < padded; t += 8) (Vector256.Load(scores + t) * scale).Store(scores + t);
    }

    /// <summary>read = Σ weight_t · state_t.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Read(float* weights, float* states, nint stride, int steps, int width, float* read)
    {
        for (int j = 0; j < width; j += 16)
        {
            Vector256<float> a = Vector256<float>.Zero, b = a, c = a, d = a;
            float* s = states + j;
            int t = 0;
            for (; t + 2 <= steps; t += 2)
            {
                Vector256<float> w = Vector256.Create(weights[t]), v = Vector256.Create(weights[t + 1]);
                a = Vector256.MultiplyAddEstimate(w, Vector256.Load(s), a);
                b = Vector256.MultiplyAddEstimate(w, Vector256.Load(s + 8), b);
                c = Vector256.MultiplyAddEstimate(v, Vector256.Load(s + stride), c);
                d = Vector256.MultiplyAddEstimate(v, Vector256.Load(s + stride + 8), d);
                s += 2 * stride;
            }
            if (t < steps)
            {
                Vector256<float> w = Vector256.Create(weights[t]);
                a = Vector256.MultiplyAddEstimate(w, Vector256.Load(s), a);
                b = Vector256.MultiplyAddEstimate(w, Vector256.Load(s + 8), b);
            }
            (a + c).Store(read + j);
            (b + d).Store(read + j + 8);
        }
    }
}
