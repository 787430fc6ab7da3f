namespace StreamForecaster.Alignment;

/// <summary>What became of a point.</summary>
public enum PointOutcome
{
    /// <summary>In its step.</summary>
    Accepted,

    /// <summary>In its step, and the series must be scheduled: it was new, or asleep.</summary>
    Scheduled,

    /// <summary>Kept until the series' step is known.</summary>
    Collected,

    /// <summary>Its step is closed.</summary>
    Late,

    /// <summary>The series' last point again.</summary>
    Duplicate,

    /// <summary>The series' oldest step must close first.</summary>
    Full,
}
