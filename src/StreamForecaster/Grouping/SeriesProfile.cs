namespace StreamForecaster.Grouping;

/// <summary>How much memory and time a series may take.</summary>
public enum SeriesProfile
{
    /// <summary>Every expert, four regressions, the season found online, every kind of evidence: at most 32 kB a series at 12 horizons.</summary>
    Full,

    /// <summary>Trends, one small regression on the calendar's day, the small score: at most 10 kB a series at 12 horizons.</summary>
    Lean,
}
