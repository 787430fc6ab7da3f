using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StreamForecaster.Models.Kernels;

/// <summary>The same functions on eight values, for kernels whose tiles are made for eight.</summary>
static partial class Rational
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Tanh(Vector256<float> x)
    {
        x = Vector256.MinNative(Vector256.MaxNative(x, Vector256.Create(-Edge)), Vector256.Create(Edge));
        Vector256<float> s = x * x;
        Vector256<float> p = Fma(Fma(Fma(Fma(Vector256.Create(P4), s, Vector256.Create(P3)), s, Vector256.Create(P2)), s, Vector256.Create(P1)), s, Vector256.Create(P0));
        Vector256<float> q = Fma(Fma(Fma(Fma(Vector256.Create(Q4), s, Vector256.Create(Q3)), s, Vector256.Create(Q2)), s, Vector256.Create(Q1)), s, Vector256<float>.One);
        return x * p / q;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Exp(Vector256<float> x)
    {
        Vector256<float> none = Vector256.LessThan(x, Vector256.Create(ExpLeast));
        x = Vector256.MinNative(Vector256.MaxNative(x, Vector256.Create(ExpLeast)), Vector256.Create(ExpMost));
        Vector256<float> n = Vector256.Floor(Fma(x, Vector256.Create(1.44269504f), Vector256.Create(.5f)));
        Vector256<float> r = Fma(-n, Vector256.Create(LogTwoLow), Fma(-n, Vector256.Create(LogTwoHigh), x));
        Vector256<float> e = Fma(Fma(Fma(Vector256.Create(1f / 5040), r, Vector256.Create(1f / 720)), r, Vector256.Create(1f / 120)), r, Vector256.Create(1f / 24));
        e = Fma(Fma(Fma(Fma(e, r, Vector256.Create(1f / 6)), r, Vector256.Create(.5f)), r, Vector256<float>.One), r, Vector256<float>.One);
        Vector256<int> exponent = (Vector256.ConvertToInt32Native(n) + Vector256.Create(127)) << 23;
        return Vector256.AndNot(e * exponent.AsSingle(), none);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<float> Fma(Vector256<float> a, Vector256<float> b, Vector256<float> c) => Vector256.MultiplyAddEstimate(a, b, c);
}
