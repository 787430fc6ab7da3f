namespace StreamForecaster.Alignment;

/// <summary>How the points of one step become its value.</summary>
public enum Aggregate
{
    /// <summary>The arithmetic mean.</summary>
    Mean,

    /// <summary>The point with the latest time.</summary>
    Last,

    /// <summary>The sum.</summary>
    Sum,

    /// <summary>The largest.</summary>
    Max,

    /// <summary>The smallest.</summary>
    Min,

    /// <summary>The number of points; a step without any counts 0.</summary>
    Count,

    /// <summary>A counter's increase per second since the step before; a falling counter was reset to 0.</summary>
    Rate,
}
