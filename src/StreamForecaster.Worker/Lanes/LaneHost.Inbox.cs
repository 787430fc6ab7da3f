using System.Diagnostics.CodeAnalysis;
using StreamForecaster.State;
using StreamForecaster.Worker.Ingestion;

namespace StreamForecaster.Worker.Lanes;

// What comes in, from any thread: records, requests, and the end.
sealed partial class LaneHost
{
    /// <summary>True while another batch is welcome: few enough wait in the inbox or for their acknowledgement.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_gate)
            {
                return _inbox.Count + _prefix.Waiting < BatchesMax;
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
        _closing.Set();
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

    bool Start()
    {
        bool start = !_isRunning && !_isClosed;
        _isRunning |= start;
        _progressAt = start ? _clock.GetTimestamp() : _progressAt;
        return start;
    }

    bool TryTake([NotNullWhen(true)] out RecordBatch? batch)
    {
        lock (_gate)
        {
            return _inbox.TryDequeue(out batch) && !_isClosed;
        }
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
