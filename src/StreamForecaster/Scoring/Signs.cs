namespace StreamForecaster.Scoring;

/// <summary>The signed evidence of a step, measured before the step is learned.</summary>
/// <param name="Spike">The value minus the level.</param>
/// <param name="Burst">The mean of the last few steps, this one included, minus the level.</param>
/// <param name="Residual">The value minus its forecast, in half widths of the forecast's band.</param>
/// <param name="FromLevel">As <paramref name="Spike"/>, unrounded.</param>
readonly record struct Signs(float Spike, float Burst, float Residual, double FromLevel)
{
    const double MostWidths = 1e9;

    /// <summary>A side counts as no less of its band: where a band has one side only, what is just beyond the other is no wonder.</summary>
    const double LeastShare = 0.25;

    internal static Signs Of(ref LeanState s, double x, double deviation, in StepEvidence evidence)
    {
        var fast = s.Fast + (AnomalyScorer.BurstRate * (x - s.Fast));
        return new Signs((float)(x - s.Slow), (float)(fast - s.Slow), Residuals(x, deviation, evidence), x - s.Slow);
    }

    static float Residuals(double x, double deviation, in StepEvidence evidence)
    {
        if (!evidence.HasForecast)
        {
            return 0;
        }

        var residual = x - evidence.Forecast.Yhat;
        var width = residual >= 0
            ? evidence.Forecast.Upper - evidence.Forecast.Yhat
            : evidence.Forecast.Yhat - evidence.Forecast.Lower;

        // A band of no width (a constant series) must not make a wonder of a rounding error.
        var least = Math.Max(1e-3 * deviation, Math.Max(1e-9 * Math.Abs(x), 1e-30));
        width = Math.Max(width, LeastShare * (evidence.Forecast.Upper - evidence.Forecast.Lower));
        var widths = residual / Math.Max(width, least);
        return double.IsFinite(widths) ? (float)Math.Clamp(widths, -MostWidths, MostWidths) : 0;
    }
}

/// <summary>The one-sided evidence of a step.</summary>
readonly record struct NoveltySigns(float Shape, float Level, float Profile, float Trend);
