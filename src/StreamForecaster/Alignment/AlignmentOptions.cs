using System.ComponentModel.DataAnnotations;

namespace StreamForecaster.Alignment;

/// <summary>Event time: how points become steps (DESIGN section 1).</summary>
public sealed record AlignmentOptions
{
    /// <summary>The step of every series that has no other rule; zero takes the modal difference of its first points.</summary>
    public TimeSpan Step { get; init; }

    /// <summary>How long a step waits for late points after its end. Two seconds cover the jitter of agents that send by the second.</summary>
    public TimeSpan Lateness { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A point this far past its record's timestamp is a dead letter.</summary>
    public TimeSpan MaxAhead { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>A point this far before lane time is a dead letter; a younger one whose step is closed is counted as late.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromDays(1);

    /// <summary>The longest run of missing steps that is filled and flagged; a longer one resets the window.</summary>
    [Range(0, 1000)]
    public int FillLimit { get; init; } = 10;

    /// <summary>How a step's points become its value where no series group says otherwise.</summary>
    public Aggregate Aggregate { get; init; } = Aggregate.Mean;
}
