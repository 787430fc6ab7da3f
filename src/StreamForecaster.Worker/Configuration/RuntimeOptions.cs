using System.ComponentModel.DataAnnotations;

namespace StreamForecaster.Worker.Configuration;

/// <summary>How the daemon uses the machine, and how it ends.</summary>
public sealed record RuntimeOptions
{
    /// <summary>Threads that run lanes; 0: one a core.</summary>
    [Range(0, 1024)]
    public int Workers { get; init; }

    /// <summary>How long a partition that is taken away, or a stop, waits for the sinks. A group's rebalance waits with it: Kafka's
    /// default <c>session.timeout.ms</c> is 45 s.</summary>
    public TimeSpan FlushFor { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A lane that has work and makes no progress for so long is reported and fails readiness.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan WatchdogAfter { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Whether it also ends the process, with exit code 1, for a supervisor to start it again.</summary>
    public bool WatchdogEnds { get; init; }

    /// <summary>How long a stop may take in all; then the process ends without the rest.</summary>
    public TimeSpan ShutdownLimit { get; init; } = TimeSpan.FromSeconds(30);
}
