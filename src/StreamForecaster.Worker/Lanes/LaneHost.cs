using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Publishing;
using StreamForecaster.Worker.State;

namespace StreamForecaster.Worker.Lanes;

/// <summary>
/// A lane with its inbox and its hand-off. The source's thread fills the inbox, one worker at a time runs the lane, the sinks' threads
/// acknowledge.
/// </summary>
sealed partial class LaneHost : IDisposable
{
    // How many batches there may be between the source and the last sink's acknowledgement. With fewer the partitions are paused so often
    // that what was fetched ahead is fetched twice.
    const int BatchesMax = 8;

    readonly Lock _gate = new();
    readonly Queue<RecordBatch> _inbox = new();
    readonly Queue<Action<Lane>> _requests = new();
    readonly Queue<JournalRequest> _journalRequests = new();
    readonly AcknowledgedPrefix _prefix = new();
    readonly LaneJournal _journal;
    readonly LaneCheckpoints? _checkpoints;
    readonly TimeProvider _clock;
    readonly BatchPools _pools;
    readonly IReadOnlyList<ISink> _sinks;
    readonly IReadOnlyList<ISink> _committing;
    DateTimeOffset _lastSeen;
    long _entryTicket = -1;
    long _progressAt;
    bool _isClosed;

    // From the first moment: whoever opens the lane gives it to a worker, whatever has been asked of it before.
    bool _isRunning = true;
    bool _isEnding;

    // A batch whose lane waits for others, and whether they have moved since it asked.
    RecordBatch? _waiting;
    bool _maySeeMore;

    // Nothing has come since the source said that there is nothing more.
    bool _isAtEnd;

    /// <summary>Opens a lane whose journal is open and whose state is loaded. It must be given to a worker once.</summary>
    public LaneHost(
        Lane lane, LaneJournal journal, LaneStore? store, TimeSpan checkpointEvery, BatchPools pools, IReadOnlyList<ISink> sinks, TimeProvider clock)
    {
        _checkpoints = store is null ? null : new(lane, store, checkpointEvery, clock);
        _clock = clock;
        _lastSeen = clock.GetUtcNow();
        _progressAt = clock.GetTimestamp();
        Lane = lane;
        _publishMovedAt = _progressAt;
        _publishMovedFrom = lane.Position;
        _publishedBefore = journal.PublishedBefore;
        _journal = journal;
        _pools = pools;
        _sinks = sinks;
        _committing = [.. sinks.Where(static sink => sink.CommitsOffsets)];
    }

    /// <summary>The lane; only the worker that runs it may touch what changes.</summary>
    public Lane Lane { get; }

    /// <summary>How long it has had work and done none of it; zero while it has none.</summary>
    public TimeSpan WithoutProgress
    {
        get
        {
            lock (_gate)
            {
                return _isRunning ? _clock.GetElapsedTime(_progressAt) : TimeSpan.Zero;
            }
        }
    }

    /// <summary>Records to read again until results are published.</summary>
    public long RecoveryLeft => Lane.IsRecovering ? Math.Max(0, Lane.PublishFrom - Lane.Position) : 0;

    /// <summary>recovering, running or paused.</summary>
    public string State => Lane.IsRecovering ? "recovering" : HasRoom ? "running" : "paused";

    /// <summary>One past the longest acknowledged prefix; -1 while nothing is acknowledged.</summary>
    public long Committable => _prefix.Offset;

    /// <summary>True where all that came in has been processed and acknowledged.</summary>
    public bool IsDrained
    {
        get
        {
            lock (_gate)
            {
                return _isClosed || (_inbox.Count == 0 && _waiting is null && !_isRunning && !_isEnding && _prefix.Waiting == 0);
            }
        }
    }

    /// <summary>True while no worker runs it.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_gate)
            {
                return !_isRunning;
            }
        }
    }

    /// <summary>Works off what is there. True where more came meanwhile, and the lane goes to the end of the workers' queue.</summary>
    public bool Run()
    {
        RunRequests();
        if (_waiting is not null)
        {
            return Continue();
        }

        if (!_isClosed && Lane.HasDueEntry)
        {
            _entryTicket = HandOff(static (lane, results) => lane.ApplyDue(results));
        }

        RunJournalRequests();
        if (TryTake(out RecordBatch? batch))
        {
            Process(batch);
        }
        else if (_isEnding && !_isClosed)
        {
            HandOff(static (lane, results) => lane.Finish(results));
            _isEnding = false;
        }

        _checkpoints?.Advance(EntriesAreSafe);
        return Rest();
    }

    /// <summary>The other lanes have moved on. True where the lane must be given to a worker.</summary>
    public bool Resume()
    {
        lock (_gate)
        {
            _maySeeMore = true;
            return _waiting is not null && Start();
        }
    }

    /// <summary>Another process has taken the lane: nothing more of it is processed here.</summary>
    public void GiveUp(string reason)
    {
        Close();
        lock (_gate)
        {
            _isRunning = false;
            _trouble = reason;
        }
    }

    /// <summary>The group's offset is committed: the newest checkpoint at or before it is what a restart needs.</summary>
    public void Committed(long offset) => _checkpoints?.Committed(offset);

    /// <inheritdoc/>
    public void Dispose()
    {
        _journal.Dispose();
        Lane.Dispose();
        _closing.Dispose();
    }

    void Process(RecordBatch batch)
    {
        if (batch.Count > 0 && !TryReserve(batch[batch.Count - 1].Offset + 1))
        {
            (_waiting, _maySeeMore) = (batch, true);
            return;
        }

        _maySeeMore = false;
        ResultBatch results = Begin();
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        bool isDone = Lane.Process(batch, results);
        Lane.Counters.AllocatedBytes += GC.GetAllocatedBytesForCurrentThread() - allocated;
        _waiting = isDone ? null : batch;
        if (isDone)
        {
            _pools.Return(batch);
        }

        HandOff(results);
    }

    // Nothing else may come between two halves of a batch.
    bool Continue()
    {
        if (!_isClosed)
        {
            Process(_waiting!);
        }

        return Rest();
    }

    // What is left to do keeps the lane on a worker; waiting for other lanes does not.
    bool Rest()
    {
        lock (_gate)
        {
            _progressAt = _clock.GetTimestamp();
            bool mayJournal = Lane.HasDueEntry || (_journalRequests.Count > 0 && MayJournal);
            bool hasWork = _waiting is not null ? _maySeeMore : _inbox.Count > 0 || mayJournal || _isEnding;
            _isRunning = !_isClosed && (hasWork || _requests.Count > 0);
            return _isRunning;
        }
    }
}
