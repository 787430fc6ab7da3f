using System.ComponentModel.DataAnnotations;

namespace StreamForecaster.Forecasting;

/// <summary>How much memory and time a series' forecasts may take.</summary>
public enum MixtureProfile
{
    /// <summary>All experts, four regressions, the season found online: about 22 kB a series at 12 horizons.</summary>
    Full,

    /// <summary>Trends and one small regression on the calendar's day: at most 3.5 kB a series at 12 horizons.</summary>
    Lean,
}

/// <summary>The settings of a series group's forecasts beside the model.</summary>
public sealed record MixtureOptions
{
    /// <summary>Forecasts reach 1..this many steps ahead; 12 is the design's default (an hour of five-minute steps).</summary>
    [Range(1, 1024)]
    public int Horizons { get; init; } = 12;

    /// <summary>How much memory and time a series may take.</summary>
    public MixtureProfile Profile { get; init; } = MixtureProfile.Full;

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

    /// <summary>The model's quantiles a horizon, ascending; the middle one is its point forecast.</summary>
    [Range(1, 99)]
    public int Quantiles { get; init; } = 3;

    /// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
    /// <exception cref="InvalidOperationException">The range is empty.</exception>
    internal void Check()
    {
        Within(Horizons, 1, 1024, nameof(Horizons));
        Within(Season, 0, SeasonHistory.Capacity / 2, nameof(Season));
        Within(Quantiles, 1, 99, nameof(Quantiles));
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
