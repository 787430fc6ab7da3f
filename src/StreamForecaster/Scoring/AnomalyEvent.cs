namespace StreamForecaster.Scoring;

/// <summary>How bad an event is, by its rarest step. Stored: values may be added, never changed.</summary>
public enum Severity : byte
{
    /// <summary>Just rarer than the configured rate of alarms allows.</summary>
    Info = 0,

    /// <summary>Ten times rarer, or anomalous for many steps.</summary>
    Warning = 1,

    /// <summary>A hundred times rarer, for more than a moment.</summary>
    Critical = 2,
}

/// <summary>What a step did to a series' events.</summary>
public enum EventChangeKind : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>An event opened.</summary>
    Opened = 1,

    /// <summary>The open event grew: later end, higher peak.</summary>
    Updated = 2,

    /// <summary>The event ended some steps ago, and this is known now.</summary>
    Closed = 3,
}

/// <summary>One anomaly with a beginning and an end.</summary>
/// <param name="StartNs">Start of its first anomalous step.</param>
/// <param name="EndNs">End of its last anomalous step so far.</param>
/// <param name="PeakNs">Start of its rarest step.</param>
/// <param name="Peak">The published score at the peak, [0, 1].</param>
/// <param name="PeakRarity">Decades of rarity at the peak.</param>
/// <param name="Marks">Anomalous steps in it.</param>
/// <param name="Severity">How bad it is.</param>
/// <param name="Strongest">The evidence at the peak.</param>
public readonly record struct AnomalyEvent(
    long StartNs, long EndNs, long PeakNs, double Peak, double PeakRarity, int Marks, Severity Severity,
    EvidenceKind Strongest)
{
    /// <summary>The evidence that came next at the peak, or none.</summary>
    public EvidenceKind Second { get; init; }

    /// <summary>The peak's value, the forecast it missed, and where that had looked.</summary>
    public StepExplanation Explanation { get; init; }
}

/// <summary>A change of a series' events.</summary>
/// <param name="Kind">What happened to <paramref name="Event"/>.</param>
/// <param name="Event">The event as it is now; default where nothing changed.</param>
/// <param name="Closed">The event that ended, also where the same step opened the next one.</param>
public readonly record struct EventChange(EventChangeKind Kind, AnomalyEvent Event, AnomalyEvent? Closed);
