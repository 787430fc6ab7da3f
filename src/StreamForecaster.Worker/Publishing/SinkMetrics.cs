using System.Diagnostics.Metrics;

namespace StreamForecaster.Worker.Publishing;

/// <summary>One sink's instruments, each with the tag <c>sink</c>.</summary>
sealed class SinkMetrics
{
    readonly KeyValuePair<string, object?> _sink;
    readonly Counter<long> _written;
    readonly Counter<long> _rejected;
    readonly Counter<long> _retries;
    long _lines;
    bool _disposed;

    public SinkMetrics(Meter meter, string sink, Func<long> queueBytes, Func<long>? spoolBytes = null)
    {
        _sink = new("sink", sink);
        _written = meter.CreateCounter<long>("streamforecaster.sink.lines.written", "{line}", "Lines that a sink has safely");
        _rejected = meter.CreateCounter<long>("streamforecaster.sink.lines.rejected", "{line}", "Lines refused for good: dead letters");
        _retries = meter.CreateCounter<long>("streamforecaster.sink.retries", "{request}", "Attempts after the first");
        Gauge(meter, "streamforecaster.sink.queue", "By", "Bytes taken and not yet acknowledged", queueBytes);
        if (spoolBytes is not null)
        {
            Gauge(meter, "streamforecaster.sink.spool", "By", "Bytes in the spool on disk", spoolBytes);
        }
    }

    /// <summary>Lines written since the start.</summary>
    public long LinesWritten => Volatile.Read(ref _lines);

    public void Written(long lines)
    {
        Interlocked.Add(ref _lines, lines);
        _written.Add(lines, _sink);
    }

    public void Rejected(long lines) => _rejected.Add(lines, _sink);

    public void Retried() => _retries.Add(1, _sink);

    /// <summary>An instrument cannot be taken off its meter: a sink that is gone reports nothing.</summary>
    public void Dispose() => _disposed = true;

    void Gauge(Meter meter, string name, string unit, string description, Func<long> value) =>
        meter.CreateObservableGauge(
            name,
            () => _disposed ? Array.Empty<Measurement<long>>() : [new Measurement<long>(value(), _sink)],
            unit,
            description);
}
