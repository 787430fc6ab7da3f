using System.Collections.Concurrent;
using StreamForecaster.Models;
using StreamForecaster.State;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Publishing;
using StreamForecaster.Worker.State;
using StreamForecaster.Worker.Training;

namespace StreamForecaster.Worker.Lanes;

/// <summary>Runs the lanes on as many workers as there are cores; a lane is on one worker at a time, so a lane has no locks.</summary>
sealed class LaneScheduler : ILanes, IDisposable
{
    readonly BlockingCollection<LaneHost> _runnable = [];
    readonly ConcurrentDictionary<LaneId, LaneHost> _lanes = new();
    readonly ConcurrentQueue<LaneCounters> _closed = new();
    readonly LaneOpening _opening;
    readonly IReadOnlyList<ISink> _sinks;
    readonly TimeSpan _flushFor;
    readonly Thread[] _workers;
    volatile Exception? _failure;

    /// <summary>Starts the workers.</summary>
    /// <param name="opening">How a lane comes to its state.</param>
    /// <param name="pools">The batches that go round.</param>
    /// <param name="sinks">Where results go.</param>
    /// <param name="workers">Worker threads.</param>
    /// <param name="flushFor">How long the closing of a lane waits for its acknowledgements.</param>
    public LaneScheduler(LaneOpening opening, BatchPools pools, IReadOnlyList<ISink> sinks, int workers, TimeSpan flushFor)
    {
        _opening = opening;
        Pools = pools;
        _sinks = sinks;
        _flushFor = flushFor;
        _workers = new Thread[workers];
        for (int i = 0; i < workers; i++)
        {
            _workers[i] = new(Work) { IsBackground = true, Name = $"lanes-{i}" };
            _workers[i].Start();
        }
    }

    /// <summary>The batches that go round.</summary>
    public BatchPools Pools { get; }

    /// <summary>What the lanes saw and did that are closed by now.</summary>
    public IReadOnlyCollection<LaneCounters> Closed => _closed;

    /// <summary>The open lanes.</summary>
    public ICollection<LaneHost> Hosts => _lanes.Values;

    /// <inheritdoc/>
    public bool CommitsOffsets => _sinks.Any(static sink => sink.CommitsOffsets);

    /// <inheritdoc/>
    public void Claim(IReadOnlyList<LaneId> lanes)
    {
        try
        {
            // Each asks the broker for a word: one after the other, a hundred would hold up the group.
            Parallel.ForEach(lanes, lane => _sinks.ToList().ForEach(sink => sink.Claim(lane)));
        }
        catch (AggregateException several)
        {
            throw several.InnerExceptions[0];
        }
    }

    /// <inheritdoc/>
    public long Open(LaneId lane, PartitionStart start)
    {
        LaneHost host = _opening.Open(lane, start, Pools, _sinks);
        foreach (ISink sink in _sinks)
        {
            sink.Restore(lane, start.Committed);
        }

        _lanes[lane] = host;
        Enqueue(host, isRunnable: true);
        return host.Lane.Position;
    }

    /// <inheritdoc/>
    public bool HasRoom(LaneId lane)
    {
        Check();
        if (!_lanes.TryGetValue(lane, out LaneHost? host) || !host.HasRoom)
        {
            return false;
        }

        foreach (ISink sink in _sinks)
        {
            if (!sink.HasRoom)
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public string? Obstacle(LaneId lane) => (_sinks.FirstOrDefault(static sink => !sink.HasRoom) ?? _sinks.FirstOrDefault(static sink => !sink.Healthy)) is ISink sink
        ? $"sink {sink.Name}: {sink.Trouble ?? "slower than what comes"}" : null;

    /// <summary>Why no lane goes on, or null.</summary>
    public string? Failure => _failure?.Message;

    /// <inheritdoc/>
    public RecordBatch Rent() => Pools.RentRecords();

    /// <inheritdoc/>
    public void Deliver(LaneId lane, RecordBatch batch)
    {
        Check();
        LaneHost host = _lanes[lane];
        Enqueue(host, host.Deliver(batch));
    }

    /// <inheritdoc/>
    public void Idle(LaneId lane, DateTimeOffset now)
    {
        if (_lanes.TryGetValue(lane, out LaneHost? host))
        {
            Enqueue(host, host.Idle(now));
        }
    }

    /// <inheritdoc/>
    public void EndOfInput(LaneId lane)
    {
        LaneHost host = _lanes[lane];
        Enqueue(host, host.End());
    }

    /// <inheritdoc/>
    public long Committable(LaneId lane) => _lanes.TryGetValue(lane, out LaneHost? host) ? host.Committable : -1;

    /// <inheritdoc/>
    public bool BeforeCommit(IReadOnlyList<KeyValuePair<LaneId, long>> offsets)
    {
        bool all = true;
        foreach (ISink sink in _sinks)
        {
            all &= sink.BeforeCommit(offsets);
        }

        return all;
    }

    /// <inheritdoc/>
    public void Committed(LaneId lane, long offset)
    {
        if (_lanes.TryGetValue(lane, out LaneHost? host))
        {
            host.Committed(offset);
        }
    }

    /// <inheritdoc/>
    public long Close(LaneId lane, bool lost)
    {
        if (!_lanes.TryRemove(lane, out LaneHost? host))
        {
            return -1;
        }

        if (!lost)
        {
            SpinWait.SpinUntil(() => host.IsDrained || _failure is not null, _flushFor);
        }

        host.Close();
        SpinWait.SpinUntil(() => host.IsIdle, _flushFor);
        long committable = lost ? -1 : host.Committable;
        if (!lost && host.IsIdle)
        {
            host.Save();
        }

        foreach (ISink sink in _sinks)
        {
            sink.Release(lane);
        }

        _closed.Enqueue(host.Lane.Counters);
        host.Dispose();
        return committable;
    }

    /// <summary>A champion is ready, or an older version is to answer again: every lane journals and activates it.</summary>
    public void Activate(string group, long version, Forecaster model)
    {
        _opening.Remember(group, version, model);
        foreach (LaneHost host in _lanes.Values)
        {
            Enqueue(host, host.Request(new JournalRequest(JournalKind.Activate, group, version, 0, model)));
        }
    }

    /// <summary>Synchronous training has a champion: every lane activates it at its time.</summary>
    public void Await(Champion champion)
    {
        foreach (LaneHost host in _lanes.Values)
        {
            host.Lane.Await(champion);
        }
    }

    /// <summary>Lanes that wait for others may look again.</summary>
    public void Resume()
    {
        foreach (LaneHost host in _lanes.Values)
        {
            Enqueue(host, host.Resume());
        }
    }

    /// <summary>Asks each lane for something, on its own thread between two batches.</summary>
    public async Task<IReadOnlyList<T>> AskAsync<T>(Func<Lane, T> question, CancellationToken stop)
    {
        List<Task<T>> answers = [];
        foreach (LaneHost host in _lanes.Values)
        {
            TaskCompletionSource<T> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
            answers.Add(answer.Task);
            Enqueue(host, host.Request(lane => answer.TrySetResult(question(lane))));
        }

        return await Task.WhenAll(answers).WaitAsync(stop);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _runnable.CompleteAdding();
        foreach (Thread worker in _workers)
        {
            worker.Join();
        }

        foreach (LaneHost host in _lanes.Values)
        {
            host.Close();
            host.Dispose();
        }

        _runnable.Dispose();
    }

    void Enqueue(LaneHost host, bool isRunnable)
    {
        if (isRunnable && !_runnable.IsAddingCompleted)
        {
            _runnable.Add(host);
        }
    }

    void Work()
    {
        foreach (LaneHost host in _runnable.GetConsumingEnumerable())
        {
            try
            {
                Enqueue(host, host.Run());
            }
            catch (LaneTakenException taken)
            {
                host.GiveUp(taken.Message);
            }
            catch (Exception failure)
            {
                // The source sees it at its next call and stops the daemon: a lane that cannot go on must not be silent.
                _failure = new InvalidOperationException($"lane {host.Lane.Id} stopped: {failure.Message}", failure);
                return;
            }
        }
    }

    void Check()
    {
        if (_failure is Exception failure)
        {
            throw failure;
        }

        foreach (ISink sink in _sinks)
        {
            if (sink.Failure is string reason)
            {
                throw new InvalidOperationException(reason);
            }
        }
    }
}
