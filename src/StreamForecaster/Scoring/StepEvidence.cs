using StreamForecaster.Forecasting;

namespace StreamForecaster.Scoring;

/// <summary>What is known of a step when it closes.</summary>
/// <param name="Value">The step's value; any finite number.</param>
/// <param name="Forecast">The forecast that was issued for this step.</param>
/// <param name="HasForecast">Whether there was one.</param>
/// <param name="Time">When the step is.</param>
/// <param name="Missing">The step was filled: nothing was measured.</param>
/// <param name="Muted">A maintenance window: no alarm, no learning.</param>
public readonly record struct StepEvidence(
    double Value, HorizonBand Forecast, bool HasForecast, StepTime Time, bool Missing, bool Muted)
{
    /// <summary>A value so far out that it is scored, and nothing is learned from it.</summary>
    public bool Wild { get; init; }
}

/// <summary>The verdict on a step.</summary>
/// <param name="Score">In [0, 1], 0 while warming: decades of rarity over five.</param>
/// <param name="AlarmScore">In [0, 1], in steps of 0.16: one alarm (0.64 or more) an event, then silence for 40 rows; for benchmarks.</param>
/// <param name="PValue">In (0, 1]: the residual among the series' recent residuals; 1 without a forecast.</param>
/// <param name="IsAnomaly">Rarer than the configured rate of false alarms allows, in a direction and of a size that count.</param>
/// <param name="Strongest">The evidence that weighed most.</param>
/// <param name="Rarity">−log₁₀ of the step's probability against the series' own history, at least 0.</param>
/// <param name="Excess">Decades by which <paramref name="Rarity"/> is above the series' alarm threshold; negative below it.</param>
public readonly record struct StepScore(
    double Score, double AlarmScore, double PValue, bool IsAnomaly, EvidenceKind Strongest, double Rarity, double Excess)
{
    /// <summary>The evidence that weighed second most, where it is at least half as rare in decades; else none.</summary>
    public EvidenceKind Second { get; init; }
}

/// <summary>The kinds of evidence. Stored in events: values may be added, never changed.</summary>
public enum EvidenceKind : byte
{
    /// <summary>No evidence.</summary>
    None = 0,

    /// <summary>A value far from the level of the last fifty steps.</summary>
    Spike = 1,

    /// <summary>A mean of the last few steps far from that level.</summary>
    Burst = 2,

    /// <summary>A value far from its forecast, measured by the forecast's band.</summary>
    Residual = 3,

    /// <summary>The last 24 values look like no stored stretch of the past.</summary>
    Shape = 4,

    /// <summary>Rare values for a longer time.</summary>
    Level = 5,

    /// <summary>Rare values for the time of day, for a longer time.</summary>
    Profile = 6,

    /// <summary>A rare smoothed level for a longer time.</summary>
    Trend = 7,

    /// <summary>The value stopped changing.</summary>
    FlatLine = 8,

    /// <summary>Measurements stayed away.</summary>
    MissingData = 9,

    /// <summary>Several series of a cohort at once.</summary>
    Cohort = 10,

    /// <summary>Rarely large or small changes from step to step, for a longer time.</summary>
    Volatility = 11,
}
