using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamForecaster.Forecasting;

/// <summary>
/// Bernstein online aggregation with discounted regrets: Wintenberger, "Optimal learning with Bernstein online
/// aggregation", Machine Learning 106 (2017), algorithm 1, with a learning rate for each expert. The second-order
/// regret is what lets it be near the best expert fast, and near the best mixture later.
/// </summary>
static class BernsteinWeights
{
    /// <summary>Learns from one round: gain[k] &gt; 0 where expert k was better than the mixture. Lengths are multiples of 4.</summary>
    public static void Learn(Span<float> regret, Span<float> variance, ReadOnlySpan<float> gain, float discount, float logExperts)
    {
        ref var regrets = ref MemoryMarshal.GetReference(regret[..gain.Length]);
        ref var variances = ref MemoryMarshal.GetReference(variance[..gain.Length]);
        ref var gains = ref MemoryMarshal.GetReference(gain);
        for (nuint k = 0; k < (nuint)gain.Length; k += 4)
        {
            var r = Vector128.LoadUnsafe(ref gains, k);
            var v = (discount * Vector128.LoadUnsafe(ref variances, k)) + (r * r);
            v.StoreUnsafe(ref variances, k);
            ((discount * Vector128.LoadUnsafe(ref regrets, k)) + r - (Rate(v, logExperts) * r * r)).StoreUnsafe(ref regrets, k);
        }
    }

    /// <summary>Unnormalised weights, the largest exponent being 0. Lengths are multiples of 4.</summary>
    public static void Fill(ReadOnlySpan<float> regret, ReadOnlySpan<float> variance, Span<float> weights, float logExperts)
    {
        ref var regrets = ref MemoryMarshal.GetReference(regret[..weights.Length]);
        ref var variances = ref MemoryMarshal.GetReference(variance[..weights.Length]);
        ref var targets = ref MemoryMarshal.GetReference(weights);
        var largest = Vector128.Create(float.NegativeInfinity);
        for (nuint k = 0; k < (nuint)weights.Length; k += 4)
        {
            var rate = Rate(Vector128.LoadUnsafe(ref variances, k), logExperts);
            rate.StoreUnsafe(ref targets, k);
            largest = Vector128.Max(largest, rate * Vector128.LoadUnsafe(ref regrets, k));
        }

        var most = Vector128.Create(MathF.Max(MathF.Max(largest[0], largest[1]), MathF.Max(largest[2], largest[3])));
        for (nuint k = 0; k < (nuint)weights.Length; k += 4)
        {
            var rate = Vector128.LoadUnsafe(ref targets, k);
            (rate * Vector128.Exp((rate * Vector128.LoadUnsafe(ref regrets, k)) - most)).StoreUnsafe(ref targets, k);
        }
    }

    static Vector128<float> Rate(Vector128<float> variance, float logExperts)
    {
        var limit = Vector128.Create(logExperts);
        return Vector128.ConditionalSelect(
            Vector128.GreaterThan(variance, limit), Vector128.Sqrt(limit / variance), Vector128<float>.One);
    }
}
