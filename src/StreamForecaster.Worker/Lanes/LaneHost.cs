using StreamForecaster.Models;
using StreamForecaster.State;
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

    /// <summary>True while another batch is welcome: few enough wait in the inbox or for their acknowledgement.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_gate)
            {
                return _inbox.Count + _prefix.Waiting < BatchPools.BatchesPerLane;
            }
        }
    }

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

    /// <summary>Adds a batch. True where the lane must be given to a worker.</summary>
    public bool Deliver(RecordBatch batch)
    {
        _lastSeen = _clock.GetUtcNow();
        lock (_gate)
        {
            _isAtEnd = false;
            _inbox.Enqueue(batch);
            return Start();
        }
    }

    /// <summary>Asks for something to be done on the lane's thread between two batches. True where the lane must be given to a worker.</summary>
    public bool Request(Action<Lane> action)
    {
        lock (_gate)
        {
            _requests.Enqueue(action);
            return Start();
        }
    }

    /// <summary>The partition has been silent: lane time is to go on as the clock has. True where the lane must be given to a worker.</summary>
    public bool Idle(DateTimeOffset now)
    {
        TimeSpan silent = now - _lastSeen;
        _lastSeen = now;
        lock (_gate)
        {
            _isAtEnd = true;
        }

        return Request(new JournalRequest(JournalKind.Idle, "", silent.Ticks * 100, UnixTime.Nanoseconds(now), Model: null));
    }

    /// <summary>Asks for a journal entry. True where the lane must be given to a worker.</summary>
    public bool Request(JournalRequest request)
    {
        lock (_gate)
        {
            _journalRequests.Enqueue(request);
            return Start();
        }
    }

    /// <summary>No more records will come. True where the lane must be given to a worker.</summary>
    public bool End()
    {
        lock (_gate)
        {
            _isEnding = true;
            return Start();
        }
    }

    /// <summary>Nothing more is processed; what is in the inbox is dropped (its records are not committed).</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            while (_inbox.TryDequeue(out RecordBatch? batch))
            {
                _pools.Return(batch);
            }

            while (_requests.TryDequeue(out Action<Lane>? request))
            {
                request(Lane);
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
            HandOffEntry(static (lane, results) => lane.ApplyDue(results));
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
    }

    // What a journal entry gave has the offset of the records before it, which may be committed already: a checkpoint at this offset
    // would stand for results that nobody has yet.
    bool EntriesAreSafe => _prefix.IsAcknowledged(_entryTicket);

    bool Start()
    {
        bool start = !_isRunning && !_isClosed;
        _isRunning |= start;
        _progressAt = start ? _clock.GetTimestamp() : _progressAt;
        return start;
    }

    bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out RecordBatch? batch)
    {
        lock (_gate)
        {
            return _inbox.TryDequeue(out batch) && !_isClosed;
        }
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

    void HandOff(Action<Lane, ResultBatch> work)
    {
        ResultBatch results = Begin();
        work(Lane, results);
        HandOff(results);
    }

    void HandOffEntry(Action<Lane, ResultBatch> work)
    {
        ResultBatch results = Begin();
        work(Lane, results);
        _entryTicket = HandOff(results);
    }

    ResultBatch Begin()
    {
        ResultBatch results = _pools.RentResults();
        results.Lane = Lane.Id;
        results.FromOffset = Lane.Position;
        return results;
    }

    long HandOff(ResultBatch results)
    {
        Lane.Counters.Lines += results.LineCount;
        results.UpToOffset = Lane.Position;
        long ticket = _prefix.Issue(Lane.Position);
        results.Ticket = ticket;
        results.Prefix = _prefix;
        results.Acknowledged = _pools.Acknowledged;
        bool isCommitted = Lane.Position <= Lane.PublishFrom;
        IReadOnlyList<ISink> sinks = !results.IsEmpty ? _sinks : isCommitted ? [] : _committing;
        if (sinks.Count == 0)
        {
            results.Await(1);
            results.Acknowledge();
            return ticket;
        }

        results.Await(sinks.Count);
        foreach (ISink sink in sinks)
        {
            sink.Enqueue(results);
        }

        return ticket;
    }

    void RunRequests()
    {
        while (true)
        {
            Action<Lane>? request;
            lock (_gate)
            {
                if (!_requests.TryDequeue(out request))
                {
                    return;
                }
            }

            request(Lane);
        }
    }
}

/// <summary>What is to enter a lane through its journal. <paramref name="Number"/>: a version, or by how much lane time is to go on;
/// <paramref name="Model"/>: the champion of an activation.</summary>
sealed record JournalRequest(JournalKind Kind, string Group, long Number, long Extra, Forecaster? Model);
