namespace StreamForecaster.Alignment;

/// <summary>What became of the step that a series was asked to close.</summary>
/// <param name="Kind">Whether there is a value, and from where.</param>
/// <param name="Index">The step's number since 1970.</param>
/// <param name="Value">Its value; the last one where it was filled.</param>
/// <param name="Restart">True on the first step after a gap that was too long to fill: the window starts anew.</param>
public readonly record struct ClosedStep(StepKind Kind, long Index, double Value, bool Restart);

/// <summary>The kinds of <see cref="ClosedStep"/>.</summary>
public enum StepKind
{
    /// <summary>Made from points.</summary>
    Measured,

    /// <summary>No point came; the last value stands in, flagged.</summary>
    Filled,

    /// <summary>Nothing to hand on: a gap was jumped, or a counter has no predecessor.</summary>
    Skipped,

    /// <summary>The gap is longer than what is filled: the series sleeps until its next point.</summary>
    Stale,
}
