using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace StreamForecaster.Worker.Ingestion;

/// <summary>Records of a Kafka consumer group: a lane for each partition that the group gives to this process.</summary>
public sealed class KafkaSource : IRecordSource, IDisposable
{
    readonly KafkaOptions _options;
    readonly TimeProvider _time;
    readonly ILogger<KafkaSource> _log;
    readonly ConcurrentDictionary<LaneId, long> _lags = new();
    readonly Meter _meter = new("StreamForecaster");
    readonly Counter<long> _records;
    readonly Counter<long> _bytes;

    /// <summary>Nothing is opened before <see cref="Run"/>.</summary>
    /// <exception cref="InvalidOperationException">The native Kafka library is missing or too old.</exception>
    public KafkaSource(KafkaOptions options, TimeProvider time, ILogger<KafkaSource> log)
    {
        NativeKafka.EnsureLoaded();
        _options = options;
        _time = time;
        _log = log;
        _records = _meter.CreateCounter<long>("streamforecaster.ingest.records", "{record}", "Records read from Kafka.");
        _bytes = _meter.CreateCounter<long>("streamforecaster.ingest.bytes", "By", "Bytes of the values read from Kafka.");
        _meter.CreateObservableGauge("streamforecaster.lag", MeasureLags, "{record}", "Records not yet read, per partition.");
    }

    /// <summary>The records not yet read, for each lane that is ours. May be read from any thread.</summary>
    public IReadOnlyDictionary<LaneId, long> Lags => _lags;

    /// <inheritdoc/>
    public void Run(ILanes lanes, CancellationToken stop)
    {
        using KafkaReader reader = new(_options, _time, _log, lanes, this);
        reader.Run(stop);
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    internal void Count(int records, long bytes)
    {
        _records.Add(records);
        _bytes.Add(bytes);
    }

    internal void SetLag(LaneId lane, long records) => _lags[lane] = records;

    internal void ForgetLag(LaneId lane) => _lags.TryRemove(lane, out _);

    IEnumerable<Measurement<long>> MeasureLags() =>
        _lags.Select(lag => new Measurement<long>(
            lag.Value, new("topic", lag.Key.Topic), new KeyValuePair<string, object?>("partition", lag.Key.Partition)));
}
