using StreamForecaster.Worker.State;

namespace StreamForecaster.Worker.Lanes;

/// <summary>
/// Writes a lane's checkpoints, a slice between two batches, so that many series are no pause and no second copy in memory. The clock
/// decides when; what is written does not depend on it.
/// </summary>
sealed class LaneCheckpoints(Lane lane, LaneStore store, TimeSpan every, TimeProvider clock)
{
    const int SeriesPerSlice = 1000;

    readonly ByteBuffer _frames = new();
    long _lastAt = clock.GetTimestamp();
    long _offset = lane.Position;
    LaneHead? _head;
    FileStream? _segment;
    bool _isEverything;
    Task _completing = Task.CompletedTask;

    /// <summary>Why the last checkpoint failed, in one line; null where it did not.</summary>
    public string? Trouble { get; private set; }

    /// <summary>Tells what the group has committed.</summary>
    public void Committed(long offset) => store.Committed = offset;

    /// <summary>Called between two batches: starts a checkpoint when it is time, or writes the next slice.</summary>
    /// <param name="mayBegin">Whether the state as it is now may be kept.</param>
    public void Advance(bool mayBegin)
    {
        if (_segment is not null)
        {
            Slice(SeriesPerSlice);
        }
        else if (mayBegin && _completing.IsCompleted && !lane.IsRecovering && lane.Position != _offset && clock.GetElapsedTime(_lastAt) >= every)
        {
            Begin();
        }
    }

    /// <summary>Writes a whole checkpoint now: the lane is about to be closed.</summary>
    /// <param name="mayBegin">Whether the state as it is now may be kept.</param>
    public void Finish(bool mayBegin)
    {
        SpinWait.SpinUntil(() => _completing.IsCompleted);
        if (mayBegin && _segment is null && !lane.IsRecovering && lane.Position != _offset)
        {
            Begin();
        }

        while (_segment is not null)
        {
            Slice(int.MaxValue);
        }

        SpinWait.SpinUntil(() => _completing.IsCompleted);
    }

    void Begin()
    {
        _lastAt = clock.GetTimestamp();
        _offset = lane.Position;
        _isEverything = store.WantsEverything;
        Try(() => _segment = store.BeginSegment());
        if (_segment is not null)
        {
            _head = lane.BeginCheckpoint(_isEverything, _frames, Flush);
            Slice(SeriesPerSlice);
        }
    }

    void Slice(int seriesMax)
    {
        bool isLast = lane.WriteSlice(seriesMax, _frames);
        Flush();
        if (isLast && _segment is FileStream segment)
        {
            _segment = null;
            _completing = Task.Run(() => Try(() => store.Complete(_head!, _isEverything, segment)));
        }
    }

    // Of a checkpoint that was given up, what is still to come is dropped.
    void Flush()
    {
        if (_segment is not null)
        {
            Try(() => _segment.Write(_frames.Written));
        }

        _frames.Clear();
    }

    // A disk that refuses costs a longer recovery, not the results: the checkpoint is given up, and the next one writes everything.
    void Try(Action write)
    {
        try
        {
            write();
            Trouble = null;
        }
        catch (IOException refused)
        {
            Trouble = $"checkpoint of {lane.Id}: {refused.Message}";
            store.Abandon();
            _segment?.Dispose();
            _segment = null;
        }
    }
}
