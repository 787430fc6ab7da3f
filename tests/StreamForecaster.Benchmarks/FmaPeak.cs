using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StreamForecaster.Benchmarks;

/// <summary>What a core of this machine can do at most in float32 vectors of eight, and of sixteen where it has them.</summary>
static class FmaPeak
{
    /// <summary>GFLOP/s of one core in independent fused multiply-adds, the best of some short runs.</summary>
    public static double Measure()
    {
        const int Steps = 20_000;
        var eight = Steps * 10 * 8 * 2 / Best(() => MultiplyAdds(Steps)) / 1e9;
        return Vector512.IsHardwareAccelerated ? Math.Max(eight, Steps * 10 * 16 * 2 / Best(() => WideMultiplyAdds(Steps)) / 1e9) : eight;
    }

    static double Best(Func<float> run)
    {
        var best = double.MaxValue;
        for (var i = 0; i < 50; i++)
        {
            var start = Stopwatch.GetTimestamp();
            run();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static float WideMultiplyAdds(int steps)
    {
        Vector512<float> x = Vector512.Create(.999f), y = Vector512.Create(.001f);
        Vector512<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x;
        for (var step = 0; step < steps; step++)
        {
            (a, b, c, d, e) = (Fma(a, x, y), Fma(b, x, y), Fma(c, x, y), Fma(d, x, y), Fma(e, x, y));
            (f, g, h, i, j) = (Fma(f, x, y), Fma(g, x, y), Fma(h, x, y), Fma(i, x, y), Fma(j, x, y));
        }

        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static float MultiplyAdds(int steps)
    {
        Vector256<float> x = Vector256.Create(.999f), y = Vector256.Create(.001f);
        Vector256<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x;
        for (var step = 0; step < steps; step++)
        {
            (a, b, c, d, e) = (Fma(a, x, y), Fma(b, x, y), Fma(c, x, y), Fma(d, x, y), Fma(e, x, y));
            (f, g, h, i, j) = (Fma(f, x, y), Fma(g, x, y), Fma(h, x, y), Fma(i, x, y), Fma(j, x, y));
        }

        return Vector256.Sum(a + b + c + d + e + f + g + h + i + j);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<float> Fma(Vector256<float> a, Vector256<float> b, Vector256<float> c) => Vector256.MultiplyAddEstimate(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<float> Fma(Vector512<float> a, Vector512<float> b, Vector512<float> c) => Vector512.MultiplyAddEstimate(a, b, c);
}
