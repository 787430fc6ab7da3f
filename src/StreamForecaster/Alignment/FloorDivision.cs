namespace StreamForecaster.Alignment;

/// <summary>Division that rounds down, also below zero: times before 1970 have steps and days like those after it.</summary>
static class FloorDivision
{
    /// <summary>The largest whole number that is not above <paramref name="value"/> / <paramref name="by"/>.</summary>
    /// <param name="value">Any number.</param>
    /// <param name="by">Greater than 0.</param>
    public static long Of(long value, long by) => value >= 0 ? value / by : ((value + 1) / by) - 1;
}
