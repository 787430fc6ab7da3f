namespace StreamForecaster.Forecasting;

/// <summary>
/// Bernstein online aggregation with discounted regrets: Wintenberger, "Optimal learning with Bernstein online
/// aggregation", Machine Learning 106 (2017), algorithm 1, with a learning rate for each expert. The second-order
/// regret is what lets it be near the best expert fast, and near the best mixture later.
/// </summary>
static class BernsteinWeights
{
    /// <summary>Learns from one round: gain[k] &gt; 0 where expert k was better than the mixture.</summary>
    public static void Learn(Span<float> regret, Span<float> variance, ReadOnlySpan<float> gain, float discount, float logExperts)
    {
        for (var k = 0; k < gain.Length; k++)
        {
            var r = gain[k];
            variance[k] = (discount * variance[k]) + (r * r);
            var rate = Rate(variance[k], logExperts);
            regret[k] = (discount * regret[k]) + r - (rate * r * r);
        }
    }

    /// <summary>Unnormalised weights, the largest exponent being 0.</summary>
    public static void Fill(ReadOnlySpan<float> regret, ReadOnlySpan<float> variance, Span<float> weights, float logExperts)
    {
        var largest = float.NegativeInfinity;
        for (var k = 0; k < weights.Length; k++)
        {
            largest = MathF.Max(largest, Rate(variance[k], logExperts) * regret[k]);
        }

        for (var k = 0; k < weights.Length; k++)
        {
            var rate = Rate(variance[k], logExperts);
            weights[k] = rate * MathF.Exp((rate * regret[k]) - largest);
        }
    }

    static float Rate(float variance, float logExperts) =>
        variance > logExperts ? MathF.Sqrt(logExperts / variance) : 1f;
}
