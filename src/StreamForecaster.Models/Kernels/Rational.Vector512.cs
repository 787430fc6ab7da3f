using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StreamForecaster.Models.Kernels;

/// <summary>The same function on sixteen values: the same operations lane by lane, so the same bits.</summary>
static partial class Rational
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Tanh(Vector512<float> x)
    {
        x = Vector512.MinNative(Vector512.MaxNative(x, Vector512.Create(-Edge)), Vector512.Create(Edge));
        Vector512<float> s = x * x;
        Vector512<float> p = Fma(Fma(Fma(Fma(Vector512.Create(P4), s, Vector512.Create(P3)), s, Vector512.Create(P2)), s, Vector512.Create(P1)), s, Vector512.Create(P0));
        Vector512<float> q = Fma(Fma(Fma(Fma(Vector512.Create(Q4), s, Vector512.Create(Q3)), s, Vector512.Create(Q2)), s, Vector512.Create(Q1)), s, Vector512<float>.One);
        return x * p / q;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<float> Fma(Vector512<float> a, Vector512<float> b, Vector512<float> c) => Vector512.MultiplyAddEstimate(a, b, c);
}
