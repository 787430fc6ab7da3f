namespace StreamForecaster.Windowing;

/// <summary>The centre and scale of a run of values that a few wild ones do not move.</summary>
public static class RobustScale
{
    // The interquartile range of a normal distribution, in standard deviations.
    const double NormalIqr = 1.349;

    /// <summary>Median, and interquartile range as a standard deviation; where half the values are equal their standard deviation, where all are
    /// a thousandth of the median.</summary>
    /// <param name="values">At least one value; sorted on return.</param>
    public static (double Center, double Scale) Of(Span<double> values)
    {
        values.Sort();
        double center = values[values.Length / 2];
        double scale = (values[values.Length * 3 / 4] - values[values.Length / 4]) / NormalIqr;
        if (scale <= Math.Abs(center) * 1e-9)
        {
            scale = Deviation(values, center);
        }

        double least = Math.Max(Math.Abs(center) * 1e-3, 1e-9);
        return (center, scale > Math.Abs(center) * 1e-9 && double.IsFinite(scale) ? scale : least);
    }

    static double Deviation(ReadOnlySpan<double> values, double center)
    {
        double sum = 0;
        foreach (double value in values)
        {
            sum += (value - center) * (value - center);
        }

        return Math.Sqrt(sum / values.Length);
    }
}
