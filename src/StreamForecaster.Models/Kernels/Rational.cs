using System.Numerics;
using System.Runtime.CompilerServices;

namespace StreamForecaster.Models.Kernels;

/// <summary>
/// tanh as x·P(x²)/Q(x²), clamped at ±8.5 (max error 3.1e-7, our own weighted least-squares fit), sigmoid(x) = ½ + ½ tanh(x/2),
/// and exp by its series about the nearest multiple of ln 2. The vector and the scalar forms do the same operations in the same order.
/// </summary>
static partial class Rational
{
    const float Edge = 8.5f;
    const float P0 = 0.999999946f, P1 = 0.134062044f, P2 = 3.52581743e-3f, P3 = 2.11215441e-5f, P4 = 1.40992153e-8f;
    const float Q1 = 0.467395158f, Q2 = 2.59911283e-2f, Q3 = 3.33568748e-4f, Q4 = 8.07360552e-7f;

    /// <summary>Below this exp gives 0.</summary>
    const float ExpLeast = -87;
    const float ExpMost = 88;
    const float LogTwoHigh = 0.693359375f, LogTwoLow = -2.12194440e-4f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Tanh(float x)
    {
        x = MathF.Min(MathF.Max(x, -Edge), Edge);
        float s = x * x;
        float p = Fma(Fma(Fma(Fma(P4, s, P3), s, P2), s, P1), s, P0);
        float q = Fma(Fma(Fma(Fma(Q4, s, Q3), s, Q2), s, Q1), s, 1);
        return x * p / q;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Tanh(Vector<float> x)
    {
        x = Vector.Min(Vector.Max(x, new(-Edge)), new(Edge));
        Vector<float> s = x * x;
        Vector<float> p = Fma(Fma(Fma(Fma(new(P4), s, new(P3)), s, new(P2)), s, new(P1)), s, new(P0));
        Vector<float> q = Fma(Fma(Fma(Fma(new(Q4), s, new(Q3)), s, new(Q2)), s, new(Q1)), s, Vector<float>.One);
        return x * p / q;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sigmoid(float x) => Fma(.5f, Tanh(.5f * x), .5f);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Sigmoid(Vector<float> x) => Fma(new(.5f), Tanh(new Vector<float>(.5f) * x), new(.5f));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Exp(float x)
    {
        if (x < ExpLeast) return 0;
        x = MathF.Min(x, ExpMost);
        float n = MathF.Floor(Fma(x, 1.44269504f, .5f));
        float r = Fma(-n, LogTwoLow, Fma(-n, LogTwoHigh, x));
        float e = Fma(Fma(Fma(Fma(Fma(Fma(Fma(1f / 5040, r, 1f / 720), r, 1f / 120), r, 1f / 24), r, 1f / 6), r, .5f), r, 1), r, 1);
        return e * BitConverter.Int32BitsToSingle(((int)n + 127) << 23);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Exp(Vector<float> x)
    {
        Vector<int> none = Vector.LessThan(x, new Vector<float>(ExpLeast));
        x = Vector.Min(Vector.Max(x, new(ExpLeast)), new(ExpMost));
        Vector<float> n = Vector.Floor(Fma(x, new(1.44269504f), new(.5f)));
        Vector<float> r = Fma(-n, new(LogTwoLow), Fma(-n, new(LogTwoHigh), x));
        Vector<float> e = Fma(Fma(Fma(new(1f / 5040), r, new(1f / 720)), r, new(1f / 120)), r, new(1f / 24));
        e = Fma(Fma(Fma(Fma(e, r, new(1f / 6)), r, new(.5f)), r, Vector<float>.One), r, Vector<float>.One);
        Vector<int> exponent = (Vector.ConvertToInt32(n) + new Vector<int>(127)) << 23;
        return Vector.ConditionalSelect(none, Vector<float>.Zero, e * Vector.AsVectorSingle(exponent));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static float Fma(float a, float b, float c) => float.MultiplyAddEstimate(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<float> Fma(Vector<float> a, Vector<float> b, Vector<float> c) => Vector.MultiplyAddEstimate(a, b, c);
}
