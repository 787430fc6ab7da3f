using Microsoft.Extensions.Logging;
using StreamForecaster.Worker.Ingestion;

namespace StreamForecaster.Worker.Publishing.Spooling;

/// <summary>
/// A sink whose far end may be away. Two states: <em>direct</em>, deliveries are made of the batches in memory; <em>spooled</em>, what waits is on
/// disk, deliveries are made of it, oldest first, and new batches queue behind it. A batch is acknowledged when the far end has it or once it is
/// fsync'd in the spool.
/// </summary>
public abstract partial class SpooledSink : ISink
{
    // How often a running delivery is interrupted by a look at what waits behind it; also the spool's group commit.
    static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    readonly DeliveryLimits _limits;
    readonly SpoolOptions _spoolOptions;
    readonly TimeProvider _time;
    readonly ILogger _log;
    readonly BatchQueue _queue;
    readonly Spool? _spool;

    // Out of the queue, oldest first; the first _inFlight of them are in the delivery that is under way.
    readonly Queue<QueuedBatch> _pending = new();
    readonly ByteBuffer _lines = new();
    SinkTask? _task;
    int _inFlight;
    int _lineCount;

    private protected SpooledSink(string name, DeliveryLimits limits, SpoolOptions spool, SinkContext context)
    {
        Name = name;
        _limits = limits;
        _spoolOptions = spool;
        _time = context.Time;
        _log = context.Logs.CreateLogger("StreamForecaster.Publishing");
        _queue = new(limits.QueueBytes, batch => Part(batch).Length);
        if (spool.Directory.Length > 0)
        {
            _spool = new(spool, Path.Combine(spool.Directory, Name.Replace(':', '-')), context.Write, damage => LogDamage(Name, damage));
        }

        Metrics = new(context.Meter, Name, () => _queue.Bytes, _spool is { } held ? () => held.Bytes : null);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public bool HasRoom => _queue.HasRoom;

    /// <inheritdoc/>
    public bool Healthy => Trouble is null;

    /// <inheritdoc/>
    public long LinesWritten => Metrics.LinesWritten;

    /// <inheritdoc/>
    public string? Trouble => _failure ?? _spoolTrouble ?? _remoteTrouble;

    /// <summary>Bytes that wait in the spool.</summary>
    public long SpoolBytes => _spool?.Bytes ?? 0;

    private protected SinkMetrics Metrics { get; }

    /// <inheritdoc/>
    public void Enqueue(ResultBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        _queue.Add(batch);
    }

    /// <summary>Does nothing: what is written again overwrites itself, or is told by its key and time.</summary>
    public void Restore(LaneId lane, long offset)
    {
    }

    /// <summary>True: what is acknowledged is safe already.</summary>
    public bool BeforeCommit(IReadOnlyList<KeyValuePair<LaneId, long>> offsets) => true;

    /// <inheritdoc/>
    public Task FlushAsync(CancellationToken stop) => _queue.FlushAsync(stop);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        if (_task is not null)
        {
            await _task.DisposeAsync();
        }

        DisposeClient();
        _spool?.Dispose();
        Metrics.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The part of a batch that this sink delivers: lines, each ending in a line feed.</summary>
    private protected abstract ByteBuffer Part(ResultBatch batch);

    /// <summary>Completes when the far end has every line, or the dead letters have it; tries for ever, telling <see cref="OnTrouble"/>.</summary>
    private protected abstract Task DeliverAsync(LinePiece lines, CancellationToken stop);

    /// <summary>Lets go of the connection.</summary>
    private protected abstract void DisposeClient();

    /// <summary>The derived sink is whole: deliveries may begin.</summary>
    private protected void Start() => _task = new(RunAsync);

    async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                if (_spool is { IsEmpty: false })
                {
                    await DrainAsync(stop);
                }
                else if (await CollectAsync(stop))
                {
                    await DeliverPendingAsync(stop);
                }
                else
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Disposed. What is not acknowledged is made again after the next start, unless it can wait in the spool.
            TakeFromQueue();
            SpoolPending(atLeast: 1);
        }
#pragma warning disable CA1031 // A sink that ends says so; the batches it holds stay unacknowledged.
        catch (Exception error)
#pragma warning restore CA1031
        {
            _failure = $"stopped: {error.Message}";
            LogFailure(Name, error);
        }
    }

    /// <summary>Direct: fills the next delivery; false when the queue is closed and empty.</summary>
    async Task<bool> CollectAsync(CancellationToken stop)
    {
        if (_pending.Count == 0 && !await _queue.WaitAsync(stop))
        {
            return false;
        }

        Collect();
        if (_lineCount < _limits.LingerLines && _lines.Length < _limits.Bytes && !_queue.Flushing && _limits.Linger > TimeSpan.Zero)
        {
            await Task.Delay(_limits.Linger, _time, stop);
            Collect();
        }

        return true;
    }

    void Collect()
    {
        TakeFromQueue();
        _lines.Clear();
        _lineCount = _inFlight = 0;
        foreach (QueuedBatch queued in _pending)
        {
            if (_lineCount >= _limits.Lines || _lines.Length >= _limits.Bytes)
            {
                break;
            }

            ReadOnlySpan<byte> part = Part(queued.Batch).Written;
            _lines.Append(part);
            _lineCount += part.Count((byte)'\n');
            _inFlight++;
        }
    }

    /// <summary>Direct: delivers what was collected; ends when that is done, or when all that is pending is in the spool instead.</summary>
    async Task DeliverPendingAsync(CancellationToken stop)
    {
        using CancellationTokenSource attempt = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task sending = DeliverAsync(new(_lines.WrittenMemory, _lineCount), attempt.Token);
        bool spooled = false;
        while (!spooled && await Task.WhenAny(sending, Task.Delay(Tick, _time, CancellationToken.None)) != sending)
        {
            TakeFromQueue();
            spooled = MustSpool() && SpoolPending(atLeast: _inFlight);
        }

        if (spooled)
        {
            LogSpooling(Name, _remoteTrouble ?? "slower than what comes");
            await attempt.CancelAsync();
        }

        try
        {
            await sending;
        }
        catch (OperationCanceledException) when (spooled && !stop.IsCancellationRequested)
        {
            // It is sent again, from the spool.
        }

        // The delivery may have come through while the spool took its batches: they are acknowledged already.
        if (!spooled)
        {
            Recovered();
            AcknowledgeFirst(_inFlight);
        }

        _inFlight = 0;
    }

    /// <summary>Spooled: delivers the oldest of what is on disk; new batches go behind it when too many wait.</summary>
    async Task DrainAsync(CancellationToken stop)
    {
        _lines.Clear();
        int lines = _spool!.Read(_lines, _limits.Lines, _limits.Bytes);
        if (lines == 0)
        {
            return;
        }

        Task sending = DeliverAsync(new(_lines.WrittenMemory, lines), stop);
        while (await Task.WhenAny(sending, Task.Delay(Tick, _time, CancellationToken.None)) != sending)
        {
            TakeFromQueue();
            if (MustSpool())
            {
                SpoolPending(atLeast: 1);
            }
        }

        await sending;
        Recovered();
        _spool.Advance();
        if (_spool.IsEmpty)
        {
            LogDrained(Name);
        }
    }

    void TakeFromQueue()
    {
        while (_queue.TryTake(out QueuedBatch queued))
        {
            _pending.Enqueue(queued);
        }
    }

    void AcknowledgeFirst(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _queue.Acknowledge(_pending.Dequeue());
        }
    }
}

/// <summary>What one delivery holds at most, and what may wait for it.</summary>
/// <param name="Lines">Lines of a delivery.</param>
/// <param name="Bytes">Bytes of a delivery.</param>
/// <param name="LingerLines">A delivery of fewer lines waits for more.</param>
/// <param name="Linger">How long.</param>
/// <param name="QueueBytes">Bytes in memory from which on the partitions pause; half of it is where the spool begins.</param>
readonly record struct DeliveryLimits(int Lines, int Bytes, int LingerLines, TimeSpan Linger, long QueueBytes);
