using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StreamForecaster.Benchmarks;

/// <summary>What a core of this machine can do at most in float32 vectors of eight.</summary>
static class FmaPeak
{
    /// <summary>GFLOP/s of one core in independent fused multiply-adds, the best of some short runs.</summary>
    public static double Measure()
    {
        const int Steps = 20_000;
        var best = double.MaxValue;
        for (var run = 0; run < 50; run++)
        {
            var start = Stopwatch.GetTimestamp();
            MultiplyAdds(Steps);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return Steps * 10 * 8 * 2 / best / 1e9;
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
}
