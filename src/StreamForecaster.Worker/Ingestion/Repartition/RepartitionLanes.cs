using System.Globalization;
using System.Text;
using Confluent.Kafka;
using StreamForecaster.Decoding;
using StreamForecaster.Worker.Publishing;

namespace StreamForecaster.Worker.Ingestion.Repartition;

/// <summary>
/// Writes what it is given into another topic, keyed by placement. A record whose points have one placement goes as it came; one of several is
/// taken apart into line protocol; one that cannot be read goes on under its own key, for the forecaster to say what is wrong with it. At least
/// once: an offset is committed when all that came of its record is in.
/// </summary>
sealed class RepartitionLanes : ILanes, IDisposable
{
    const int BatchesMax = 8;
    static readonly TimeSpan FlushFor = TimeSpan.FromSeconds(10);

    readonly RepartitionOptions _options;
    readonly RecordDecoder _decoder;
    readonly PlacementKeys _placement;
    readonly PointBatch _points = new();
    readonly IProducer<byte[]?, byte[]> _producer;
    readonly Dictionary<LaneId, AcknowledgedPrefix> _lanes = [];
    readonly Stack<RecordBatch> _pool = [];
    long _written;
    volatile string? _failure;

    /// <summary>Makes the producer.</summary>
    public RepartitionLanes(RepartitionOptions options, KafkaOptions kafka, DecodeOptions decode, IReadOnlyList<string> placementKey)
    {
        NativeKafka.EnsureLoaded();
        _options = options;
        _decoder = new(decode, decode.Format);
        _placement = new(placementKey);
        ProducerConfig config = KafkaClient.ForProducer(kafka);
        config.Acks = Acks.All;
        config.MessageTimeoutMs = 0;

        // As Kafka's own clients and Telegraf place a key.
        config.Partitioner = Partitioner.Murmur2Random;
        _producer = new ProducerBuilder<byte[]?, byte[]>(config).SetErrorHandler((_, error) => _failure ??= error.IsFatal ? error.Reason : null).Build();
    }

    /// <summary>Records written.</summary>
    public long Written => Volatile.Read(ref _written);

    /// <inheritdoc/>
    public long Open(LaneId lane, PartitionStart start)
    {
        _lanes[lane] = new();
        return start.From;
    }

    /// <inheritdoc/>
    public bool HasRoom(LaneId lane) => _failure is string failure
        ? throw new InvalidOperationException($"topic {_options.To}: {failure}.")
        : _lanes[lane].Waiting < BatchesMax;

    /// <inheritdoc/>
    public string? Obstacle(LaneId lane) => $"topic {_options.To} takes no more";

    /// <inheritdoc/>
    public RecordBatch Rent() => _pool.TryPop(out RecordBatch? batch) ? batch : new();

    /// <inheritdoc/>
    public void Deliver(LaneId lane, RecordBatch batch)
    {
        AcknowledgedPrefix prefix = _lanes[lane];
        long ticket = prefix.Issue(batch[batch.Count - 1].Offset + 1);

        // One for the writing itself, so that early reports do not acknowledge a batch half written.
        Countdown left = new(() => prefix.Acknowledge(ticket));
        for (int i = 0; i < batch.Count; i++)
        {
            Write(batch[i], left);
        }

        left.Done();
        batch.Clear();
        _pool.Push(batch);
    }

    /// <inheritdoc/>
    public void Idle(LaneId lane, DateTimeOffset now)
    {
    }

    /// <inheritdoc/>
    public void EndOfInput(LaneId lane)
    {
    }

    /// <inheritdoc/>
    public long Committable(LaneId lane) => _lanes[lane].Offset;

    /// <inheritdoc/>
    public bool BeforeCommit(IReadOnlyList<KeyValuePair<LaneId, long>> offsets) => true;

    /// <inheritdoc/>
    public void Committed(LaneId lane, long offset)
    {
    }

    /// <inheritdoc/>
    public long Close(LaneId lane, bool lost)
    {
        if (!lost)
        {
            _producer.Flush(FlushFor);
        }

        return _lanes.Remove(lane, out AcknowledgedPrefix? prefix) && !lost ? prefix.Offset : -1;
    }

    /// <inheritdoc/>
    public void Dispose() => _producer.Dispose();

    void Write(RawRecord record, Countdown left)
    {
        long recordNs = record.TimestampMs < 0 ? -1 : record.TimestampMs * 1_000_000;
        _points.Clear();
        _decoder.Decode(record.Value, recordNs, _points);
        if (_points.Count == 0 || _points.ErrorCount > 0)
        {
            Produce(record.Key.IsEmpty ? null : record.Key.ToArray(), record.Value.ToArray(), record.TimestampMs, left);
            return;
        }

        byte[] first = _placement.Of(_points.Key(0));
        bool isOne = true;
        for (int i = 1; i < _points.Count && isOne; i++)
        {
            isOne = _placement.Of(_points.Key(i)).AsSpan().SequenceEqual(first);
        }

        if (isOne)
        {
            Produce(first, record.Value.ToArray(), record.TimestampMs, left);
            return;
        }

        foreach ((string key, ByteBuffer lines) in TakeApart())
        {
            Produce(Encoding.Latin1.GetBytes(key), lines.Written.ToArray(), record.TimestampMs, left);
        }
    }

    // A series key is line protocol but for its value and time. Latin-1 keeps every byte.
    Dictionary<string, ByteBuffer> TakeApart()
    {
        Dictionary<string, ByteBuffer> parts = new(StringComparer.Ordinal);
        for (int i = 0; i < _points.Count; i++)
        {
            string key = Encoding.Latin1.GetString(_placement.Of(_points.Key(i)));
            if (!parts.TryGetValue(key, out ByteBuffer? lines))
            {
                parts.Add(key, lines = new());
            }

            lines.Append(_points.Key(i));
            lines.Append(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"={_points.Value(i):R} {_points.TimestampNs(i)}\n")));
        }

        return parts;
    }

    void Produce(byte[]? key, byte[] value, long timestampMs, Countdown left)
    {
        left.Expect();
        Message<byte[]?, byte[]> message = new() { Key = key, Value = value, Timestamp = timestampMs < 0 ? Timestamp.Default : new(timestampMs, TimestampType.CreateTime) };
        while (true)
        {
            try
            {
                _producer.Produce(_options.To, message, report => Reported(report.Error, left));
                return;
            }
            catch (ProduceException<byte[]?, byte[]> full) when (full.Error.Code == ErrorCode.Local_QueueFull)
            {
                _producer.Flush(TimeSpan.FromMilliseconds(50));
            }
            catch (ProduceException<byte[]?, byte[]> failed)
            {
                Reported(failed.Error, left);
                return;
            }
        }
    }

    // What cannot be written must not be passed over: it ends the process, which reads it again.
    void Reported(Error error, Countdown left)
    {
        if (error.IsError)
        {
            _failure ??= $"{error.Reason} ({error.Code})";
        }
        else
        {
            Interlocked.Increment(ref _written);
            left.Done();
        }
    }

    sealed class Countdown(Action done)
    {
        int _left = 1;

        public void Expect() => Interlocked.Increment(ref _left);

        public void Done()
        {
            if (Interlocked.Decrement(ref _left) == 0)
            {
                done();
            }
        }
    }
}
