using System.Text;
using StreamForecaster.Worker.Ingestion;

namespace StreamForecaster.Worker.Tests.Ingestion;

/// <summary>A record as a lane was given it.</summary>
sealed record ReceivedRecord(LaneId Lane, long Offset, long TimestampMs, string Key, string Value, int FullLength);

/// <summary>Lanes that write down what a source does with them and acknowledge what they are told to. A test reads them from its
/// own thread.</summary>
sealed class RecordingLanes : ILanes
{
    readonly Lock _gate = new();
    readonly List<ReceivedRecord> _records = [];
    readonly List<(LaneId Lane, long Committed)> _opened = [];
    readonly List<(LaneId Lane, bool Lost)> _closed = [];
    readonly List<(LaneId Lane, DateTimeOffset At)> _idle = [];
    readonly List<LaneId> _ended = [];
    readonly Dictionary<LaneId, long> _next = [];

    /// <summary>Whether a lane takes another batch.</summary>
    internal Func<LaneId, bool> Room { get; set; } = _ => true;

    /// <summary>Where to read from.</summary>
    internal Func<PartitionStart, long> Start { get; set; } = start => start.From;

    /// <summary>What may be committed, given the offset after the last delivered record; everything by default.</summary>
    internal Func<long, long> Acknowledge { get; set; } = next => next;

    internal IReadOnlyList<ReceivedRecord> Records => Copy(_records);

    internal IReadOnlyList<(LaneId Lane, long Committed)> Opened => Copy(_opened);

    internal IReadOnlyList<(LaneId Lane, bool Lost)> Closed => Copy(_closed);

    internal IReadOnlyList<(LaneId Lane, DateTimeOffset At)> IdleTicks => Copy(_idle);

    internal IReadOnlyList<LaneId> Ended => Copy(_ended);

    /// <summary>The number of lanes open now.</summary>
    internal int OpenCount
    {
        get
        {
            lock (_gate)
            {
                return _opened.Count - _closed.Count;
            }
        }
    }

    internal int Count
    {
        get
        {
            lock (_gate)
            {
                return _records.Count;
            }
        }
    }

    public long Open(LaneId lane, PartitionStart start)
    {
        lock (_gate)
        {
            _opened.Add((lane, start.Committed));
            _next[lane] = -1;
            return Start(start);
        }
    }

    public bool HasRoom(LaneId lane) => Room(lane);

    public string? Obstacle(LaneId lane) => "sink influx:main: connection refused";

    public RecordBatch Rent() => new();

    public void Deliver(LaneId lane, RecordBatch batch)
    {
        lock (_gate)
        {
            for (int i = 0; i < batch.Count; i++)
            {
                RawRecord record = batch[i];
                _records.Add(new(
                    lane,
                    record.Offset,
                    record.TimestampMs,
                    Encoding.UTF8.GetString(record.Key),
                    Encoding.UTF8.GetString(record.Value),
                    record.FullLength));
                _next[lane] = record.Offset + 1;
            }
        }
    }

    public void Idle(LaneId lane, DateTimeOffset now)
    {
        lock (_gate)
        {
            _idle.Add((lane, now));
        }
    }

    public void EndOfInput(LaneId lane)
    {
        lock (_gate)
        {
            _ended.Add(lane);
        }
    }

    public long Committable(LaneId lane)
    {
        lock (_gate)
        {
            return _next[lane] < 0 ? -1 : Acknowledge(_next[lane]);
        }
    }

    public bool BeforeCommit(IReadOnlyList<KeyValuePair<LaneId, long>> offsets) => true;

    public void Committed(LaneId lane, long offset)
    {
    }

    public long Close(LaneId lane, bool lost)
    {
        lock (_gate)
        {
            _closed.Add((lane, lost));
            return lost || _next[lane] < 0 ? -1 : Acknowledge(_next[lane]);
        }
    }

    IReadOnlyList<T> Copy<T>(List<T> list)
    {
        lock (_gate)
        {
            return [.. list];
        }
    }
}
