namespace StreamForecaster.Forecasting;

/// <summary>
/// Polynomially weighted averages with a learning rate for each expert (ML-Poly: Gaillard, Stoltz, van Erven, "A
/// second-order bound with excess losses", COLT 2014, figure 1), with discounted regrets.
/// </summary>
static class PolynomialWeights
{
    /// <summary>Learns from one round: gain[k] &gt; 0 where expert k was better than the mixture.</summary>
    public static void Learn(Span<float> regret, Span<float> variance, ReadOnlySpan<float> gain, float discount)
    {
        for (var k = 0; k < gain.Length; k++)
        {
            var r = gain[k];
            regret[k] = (discount * regret[k]) + r;
            variance[k] = (discount * variance[k]) + (r * r);
        }
    }

    /// <summary>Unnormalised weights; all equal when no expert is ahead of the mixture.</summary>
    public static void Fill(ReadOnlySpan<float> regret, ReadOnlySpan<float> variance, Span<float> weights)
    {
        var sum = 0f;
        for (var k = 0; k < weights.Length; k++)
        {
            weights[k] = MathF.Max(regret[k], 0) / (1 + variance[k]);
            sum += weights[k];
        }

        if (sum <= 0)
        {
            weights.Fill(1);
        }
    }
}
