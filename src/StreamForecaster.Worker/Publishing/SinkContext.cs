using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StreamForecaster.Worker.Publishing.Disk;

namespace StreamForecaster.Worker.Publishing;

/// <summary>What every sink is given from outside: time, chance, logs, metrics and the disk.</summary>
public sealed record SinkContext
{
    /// <summary>The clock of all delays and time-outs.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where sinks log; the loggers are named <c>StreamForecaster.Publishing</c>.</summary>
    public ILoggerFactory Logs { get; init; } = NullLoggerFactory.Instance;

    /// <summary>The meter of the sinks' counters, named <c>StreamForecaster</c>.</summary>
    public required Meter Meter { get; init; }

    /// <summary>The seed of the retries' jitter.</summary>
    public int Seed { get; init; } = 1;

    internal DiskWrite Write { get; init; } = RandomAccess.Write;
}
