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
    readonly ConcurrentDictionary<LaneId, bool> _owned = new();
    readonly ConcurrentDictionary<string, string> _troubles = new(StringComparer.Ordinal);
    readonly PartitionCounts _counts;
    readonly Meter _meter = new("StreamForecaster");
    readonly Counter<long> _records;
    readonly Counter<long> _bytes;

    /// <summary>Nothing is opened before <see cref="Run"/>.</summary>
    /// <exception cref="InvalidOperationException">The native Kafka library is missing or too old.</exception>
    /// <param name="options">What is read.</param>
    /// <param name="time">The clock of commits, watches and idle ticks.</param>
    /// <param name="log">The log.</param>
    /// <param name="countsPath">The file that remembers the topics' numbers of partitions; null for this run only.</param>
    public KafkaSource(KafkaOptions options, TimeProvider time, ILogger<KafkaSource> log, string? countsPath = null)
    {
        _counts = new(countsPath);
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

    /// <summary>The consumer's place in its group, for transactions; null before it has one. May be read from any thread.</summary>
    public Confluent.Kafka.IConsumerGroupMetadata? Group { get; internal set; }

    /// <summary>The partitions that the group has given to this process, also those whose lane is not open yet. May be read from any thread.</summary>
    public IEnumerable<LaneId> Owned => _owned.Keys;

    /// <summary>What is wrong with the topics or keeps them from being read, a line each. May be read from any thread.</summary>
    public IEnumerable<string> Troubles => _troubles.Values;

    /// <inheritdoc/>
    public void Run(ILanes lanes, CancellationToken stop)
    {
        using KafkaReader reader = new(_options, _time, _log, lanes, this, _counts);
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

    internal void Own(IEnumerable<LaneId> lanes)
    {
        foreach (LaneId lane in lanes)
        {
            _owned[lane] = true;
        }
    }

    internal void Disown(LaneId lane)
    {
        _owned.TryRemove(lane, out _);
        _lags.TryRemove(lane, out _);
    }

    internal void SetTrouble(string about, string? trouble)
    {
        if (trouble is null)
        {
            _troubles.TryRemove(about, out _);
        }
        else
        {
            _troubles[about] = trouble;
        }
    }

    IEnumerable<Measurement<long>> MeasureLags() =>
        _lags.Select(lag => new Measurement<long>(
            lag.Value, new("topic", lag.Key.Topic), new KeyValuePair<string, object?>("partition", lag.Key.Partition)));
}
