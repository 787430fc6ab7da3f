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

    /// <summary>How long a stop may take in all; then the process ends without the rest.</summary>
    public TimeSpan ShutdownLimit { get; init; } = TimeSpan.FromSeconds(30);
}
