namespace StreamForecaster.Worker.Ingestion.Replay;

/// <summary>A lane that is fed from a reader.</summary>
sealed class ReplayLane(LaneId id, ReplayReader reader)
{
    const long NanosecondsPerMillisecond = 1_000_000;

    long _offset;
    RecordBatch? _spare;
    bool _ended;

    internal LaneId Id { get; } = id;

    internal ReplayReader Reader { get; } = reader;

    /// <summary>A record's timestamp; -1 where there is none.</summary>
    internal static long Milliseconds(long timestampNs) => timestampNs < 0 ? -1 : timestampNs / NanosecondsPerMillisecond;

    /// <summary>True once the reader is at its end and the lane has acknowledged everything.</summary>
    internal bool IsDone(ILanes lanes) => _ended && (_offset == 0 || lanes.Committable(Id) >= _offset);

    /// <summary>True from <see cref="Open"/> on.</summary>
    internal bool IsOpen { get; private set; }

    /// <summary>Opens the lane and passes over the records before the offset that it wants.</summary>
    internal void Open(ILanes lanes)
    {
        long offset = lanes.Open(Id, PartitionStart.Beginning);
        IsOpen = true;
        while (_offset < offset && Reader.Read())
        {
            _offset++;
        }
    }

    /// <summary>Hands over a batch if the lane has room; false where there was nothing to do.</summary>
    internal bool Fill(ILanes lanes, int maxRecords)
    {
        if (_ended || !lanes.HasRoom(Id))
        {
            return false;
        }

        RecordBatch batch = _spare ?? lanes.Rent();
        while (batch.Count < maxRecords && !_ended)
        {
            if (Reader.Read())
            {
                batch.Add(_offset++, Milliseconds(Reader.TimestampNs), [], Reader.Payload);
            }
            else
            {
                _ended = true;
            }
        }

        if (batch.Count > 0)
        {
            _spare = null;
            lanes.Deliver(Id, batch);
        }
        else
        {
            _spare = batch;
        }

        if (_ended)
        {
            lanes.EndOfInput(Id);
        }

        return true;
    }
}
