namespace StreamForecaster.Learning;

/// <summary>The loss of quantile forecasts (Koenker and Bassett 1978), mean over horizons and quantiles.</summary>
static class PinballLoss
{
    /// <summary>Loss of one window.</summary>
    /// <param name="targets"><c>[horizon]</c>.</param>
    /// <param name="forecast"><c>[horizon, quantile]</c>; empty means a forecast of no change.</param>
    /// <param name="quantiles"><c>[quantile]</c>, in (0, 1).</param>
    public static double Of(ReadOnlySpan<float> targets, ReadOnlySpan<float> forecast, ReadOnlySpan<double> quantiles)
    {
        double sum = 0;
        for (int h = 0; h < targets.Length; h++)
        {
            for (int q = 0; q < quantiles.Length; q++)
            {
                double error = targets[h] - (forecast.IsEmpty ? 0.0 : forecast[(h * quantiles.Length) + q]);
                sum += error >= 0 ? quantiles[q] * error : (quantiles[q] - 1) * error;
            }
        }

        return sum / (targets.Length * quantiles.Length);
    }

    /// <summary>Mean absolute error of one quantile, over horizons.</summary>
    public static double AbsoluteError(ReadOnlySpan<float> targets, ReadOnlySpan<float> forecast, int quantile, int quantileCount)
    {
        double sum = 0;
        for (int h = 0; h < targets.Length; h++)
        {
            sum += Math.Abs(targets[h] - (forecast.IsEmpty ? 0.0 : forecast[(h * quantileCount) + quantile]));
        }

        return sum / targets.Length;
    }
}
