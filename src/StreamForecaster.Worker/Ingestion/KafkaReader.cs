using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace StreamForecaster.Worker.Ingestion;

/// <summary>One membership of the consumer group, from joining to leaving. Everything here runs on one thread: the callbacks of the
/// client come from within its <c>Consume</c> and <c>Close</c>.</summary>
sealed partial class KafkaReader : IDisposable
{
    // A batch of this size goes to its lane, however few records it has.
    const int MaxBatchBytes = 1024 * 1024;

    static readonly TimeSpan QueryTimeout = TimeSpan.FromSeconds(10);

    readonly KafkaOptions _options;
    readonly TimeProvider _time;
    readonly ILogger _log;
    readonly ILanes _lanes;
    readonly KafkaSource _owner;
    readonly PartitionCounts _counts;
    readonly TopicIds _ids;
    readonly Dictionary<string, string> _idsSeen = new(StringComparer.Ordinal);
    readonly RecordBytes _key;
    readonly RecordBytes _value;
    readonly IConsumer<int, int> _consumer;
    readonly Dictionary<LaneId, OwnedPartition> _owned = [];
    readonly Stack<RecordBatch> _spare = [];
    readonly StartPosition _start;
    Every _commits;
    Every _watches;
    Every _topicWatches;
    long _joined;
    bool _anyPaused;
    bool _toldAlone;

    internal KafkaReader(KafkaOptions options, TimeProvider time, ILogger log, ILanes lanes, KafkaSource owner, PartitionCounts counts)
    {
        _options = options;
        _time = time;
        _log = log;
        _lanes = lanes;
        _owner = owner;
        _counts = counts;
        _ids = new(options);
        _key = new(options.MaxRecordBytes);
        _value = new(options.MaxRecordBytes);
        _start = StartPosition.TryParse(options.Start, out StartPosition start)
            ? start
            : throw new InvalidOperationException($"'{options.Start}' is not a start position: {StartPosition.Allowed}.");
        _commits = new(time, options.CommitInterval);
        _watches = new(time, TimeSpan.FromSeconds(1));
        _topicWatches = new(time, options.TopicRefresh);
        _consumer = new ConsumerBuilder<int, int>(KafkaClient.ForConsumer(options))
            .SetKeyDeserializer(_key)
            .SetValueDeserializer(_value)
            .SetPartitionsAssignedHandler((_, partitions) => Assigned(partitions))
            .SetPartitionsRevokedHandler((_, partitions) => Revoked(partitions, lost: false))
            .SetPartitionsLostHandler((_, partitions) => Revoked(partitions, lost: true))
            .SetErrorHandler((_, error) => Report(error))
            .SetLogHandler((_, message) => LogLibrary(message))
            .Build();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _consumer.Dispose();
        _ids.Dispose();
    }

    internal void Run(CancellationToken stop)
    {
        LogJoining(_options.GroupId, string.Join(", ", _options.Topics), _options.BootstrapServers);
        Array.ForEach([.. _options.Topics.Where(static topic => !topic.StartsWith('^'))], _ids.Ask);
        _consumer.Subscribe(_options.Topics);
        _joined = _time.GetTimestamp();
        try
        {
            while (!stop.IsCancellationRequested)
            {
                HandOver();
                Read();
                ThrowIfFailed();
                if (_commits.IsDue())
                {
                    Commit();
                }

                if (_watches.IsDue())
                {
                    Watch();
                    WatchPauses();
                }

                if (_topicWatches.IsDue())
                {
                    WatchTopics();
                }
            }
        }
        finally
        {
            Leave();
        }
    }

    // Reads what has arrived, up to a full batch for one of the lanes.
    void Read()
    {
        // While a partition is paused, its lane is looked at often: it may have room again at any moment.
        int waitMs = _anyPaused ? 5 : 100;
        int count = 0;
        long bytes = 0;
        try
        {
            while (_consumer.Consume(waitMs) is { } record)
            {
                count++;
                bytes += _value.FullLength;
                waitMs = 0;
                if (Take(record))
                {
                    break;
                }
            }
        }
        catch (ConsumeException e)
        {
            Recover(e);
        }

        if (count > 0)
        {
            _owner.Count(count, bytes);
        }
    }

    // Keeps a record; true when the batch it went to is full.
    bool Take(ConsumeResult<int, int> record)
    {
        if (!_owned.TryGetValue(new(record.Topic, record.Partition), out OwnedPartition? partition))
        {
            return false;
        }

        Timestamp stamp = record.Message.Timestamp;
        RecordBatch held = partition.Held ??= _spare.TryPop(out RecordBatch? spare) ? spare : _lanes.Rent();
        long timestampMs = stamp.Type == TimestampType.NotAvailable ? -1 : stamp.UnixTimestampMs;
        held.Add(record.Offset, timestampMs, _key.Span, _value.Span, _value.FullLength);
        partition.Position = record.Offset + 1;
        partition.LastTimestampMs = timestampMs;
        partition.LastHeard = _time.GetTimestamp();
        return IsFull(held);
    }

    bool IsFull(RecordBatch batch) => batch.Count >= _options.MaxBatchRecords || batch.ByteCount >= MaxBatchBytes;

    // Gives each lane what was read for it. A lane without room keeps its records waiting here until they are a full batch; only
    // then is its partition paused, because a pause throws away what the client has fetched ahead.
    void HandOver()
    {
        _anyPaused = false;
        foreach (OwnedPartition partition in _owned.Values)
        {
            bool hasRoom = _lanes.HasRoom(partition.Lane);
            if (hasRoom && partition.Held is { } held)
            {
                partition.Held = null;
                _lanes.Deliver(partition.Lane, held);
                hasRoom = _lanes.HasRoom(partition.Lane);
            }

            if (hasRoom && partition.Paused)
            {
                partition.Paused = false;
                _consumer.Resume([partition.Native]);
            }
            else if (!hasRoom && !partition.Paused && partition.Held is { } full && IsFull(full))
            {
                partition.Paused = true;
                partition.PausedAt = _time.GetTimestamp();
                _consumer.Pause([partition.Native]);
            }

            _anyPaused |= partition.Paused;
        }
    }
}
