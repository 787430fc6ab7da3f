using StreamForecaster.Scoring;

namespace StreamForecaster.Publishing;

/// <summary>The words of published events.</summary>
public static class EventWords
{
    /// <summary>A severity as dashboards filter by it.</summary>
    public static ReadOnlySpan<byte> Severity(Severity severity) => severity switch
    {
        Scoring.Severity.Critical => "critical"u8,
        Scoring.Severity.Warning => "warning"u8,
        _ => "info"u8,
    };

    /// <summary>The strongest evidence, for people.</summary>
    public static ReadOnlySpan<byte> Evidence(EvidenceKind kind) => kind switch
    {
        EvidenceKind.Spike => "far from its recent level"u8,
        EvidenceKind.Burst => "several steps far from the recent level"u8,
        EvidenceKind.Residual => "far from its forecast"u8,
        EvidenceKind.Shape => "a shape not seen before"u8,
        EvidenceKind.Level => "rare values for a long time"u8,
        EvidenceKind.Profile => "rare values for the time of day"u8,
        EvidenceKind.Trend => "a rare level for a long time"u8,
        EvidenceKind.FlatLine => "the value stopped changing"u8,
        EvidenceKind.MissingData => "measurements stayed away"u8,
        EvidenceKind.Cohort => "several series at once"u8,
        EvidenceKind.Volatility => "changes rarely large or small for a long time"u8,
        _ => "anomalous"u8,
    };
}
