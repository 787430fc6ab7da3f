namespace StreamForecaster.Forecasting;

/// <summary>The interval score (Gneiting and Raftery 2007, equation 43): how narrow a band is and how far what it misses lies outside, in
/// one figure; lower is better, and no band does better than the true quantiles.</summary>
public static class IntervalScore
{
    /// <summary>(upper − lower) + 2/(1 − level) × the distance from the band of an actual value outside it, in the unit of the values.</summary>
    /// <param name="lower">The band's lower end.</param>
    /// <param name="upper">The band's upper end; ≥ <paramref name="lower"/>.</param>
    /// <param name="actual">What came.</param>
    /// <param name="level">The share that the band is to hold; below 1.</param>
    public static double Of(double lower, double upper, double actual, double level) =>
        upper - lower + (2 / (1 - level) * Math.Max(0, Math.Max(lower - actual, actual - upper)));
}
