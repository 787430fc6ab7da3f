using System.ComponentModel.DataAnnotations;
using StreamForecaster.Grouping;

namespace StreamForecaster.Forecasting;

/// <summary>The settings of a series group's forecasts beside the model.</summary>
public sealed record MixtureOptions
{
    /// <summary>How much memory and time a series may take.</summary>
    public SeriesProfile Profile { get; init; } = SeriesProfile.Full;

    /// <summary>The share of the points that the band is to hold; 0.9 is what the issue asks for.</summary>
    [Range(0.5, 0.999)]
    public double Level { get; init; } = 0.9;

    /// <summary>The season in steps; 0: found online (full) or the calendar's day (lean).</summary>
    [Range(0, SeasonHistory.Capacity / 2)]
    public int Season { get; init; }

    /// <summary>No forecast and no band reaches below this.</summary>
    public double RangeLow { get; init; } = double.NegativeInfinity;

    /// <summary>No forecast and no band reaches above this.</summary>
    public double RangeHigh { get; init; } = double.PositiveInfinity;

    /// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
    /// <exception cref="InvalidOperationException">The range is empty.</exception>
    internal void Check()
    {
        Within(Season, 0, SeasonHistory.Capacity / 2, nameof(Season));
        Within(Level, 0.5, 0.999, nameof(Level));
        if (!(RangeLow < RangeHigh))
        {
            throw new InvalidOperationException($"{nameof(RangeLow)} must be below {nameof(RangeHigh)} ({RangeHigh}), not {RangeLow}.");
        }
    }

    static void Within(double value, double least, double most, string name)
    {
        if (!(value >= least && value <= most))
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be {least}..{most}.");
        }
    }
}
