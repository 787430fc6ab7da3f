using Microsoft.Extensions.Logging;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Publishing.Spooling;

namespace StreamForecaster.Worker.Publishing.Influx;

/// <summary>
/// Writes results to an InfluxDB or whatever speaks its protocol. Two states: <em>direct</em>, requests are made of the batches in
/// memory; <em>spooled</em>, what waits is on disk, requests are made of it, oldest first, and new batches queue behind it. A batch is
/// acknowledged when the database has it or once it is fsync'd in the spool.
/// </summary>
public sealed partial class InfluxSink : ISink
{
    // How often a running request is interrupted by a look at what waits behind it; also the spool's group commit.
    static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    readonly InfluxOptions _options;
    readonly TimeProvider _time;
    readonly ILogger _log;
    readonly BatchQueue _queue;
    readonly Spool? _spool;
    readonly InfluxClient _client;
    readonly InfluxDelivery _delivery;
    readonly SinkMetrics _metrics;
    readonly SinkTask _task;

    // Out of the queue, oldest first; the first _inFlight of them are in the request that is under way.
    readonly Queue<QueuedBatch> _pending = new();
    readonly ByteBuffer _lines = new();
    int _inFlight;
    int _lineCount;

    /// <summary>Starts the sink; lines refused for good go to <paramref name="deadLetters"/>.</summary>
    /// <exception cref="InvalidOperationException">The token cannot be had; the message is one line without it.</exception>
    /// <exception cref="IOException">The spool's folder cannot be opened.</exception>
    public InfluxSink(InfluxOptions options, SinkContext context, ISink? deadLetters)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        Name = $"influx:{options.Name}";
        _options = options;
        _time = context.Time;
        _log = context.Logs.CreateLogger("StreamForecaster.Publishing");
        _queue = new(options.QueueBytes, static batch => batch.Lines.Length);
        _client = new(options, _time);
        if (options.Spool.Directory.Length > 0)
        {
            string folder = Path.Combine(options.Spool.Directory, Name.Replace(':', '-'));
            _spool = new(options.Spool, folder, context.Write, damage => LogDamage(Name, damage));
        }

        _metrics = new(context.Meter, Name, _queue, _spool is { } spool ? () => spool.Bytes : null);
        _delivery = new(
            options,
            _client,
            InfluxRetry.Create(options, _time, context.Seed, OnRetry),
            new(Name, deadLetters),
            _metrics,
            reason => LogRefused(Name, reason));
        _task = new(RunAsync);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public bool HasRoom => _queue.HasRoom;

    /// <inheritdoc/>
    public bool Healthy => Trouble is null;

    /// <inheritdoc/>
    public long LinesWritten => _metrics.LinesWritten;

    /// <inheritdoc/>
    public string? Trouble => _failure ?? _spoolTrouble ?? _remoteTrouble;

    /// <summary>Bytes that wait in the spool.</summary>
    public long SpoolBytes => _spool?.Bytes ?? 0;

    /// <inheritdoc/>
    public void Enqueue(ResultBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        _queue.Add(batch);
    }

    /// <summary>Does nothing: what is written again overwrites itself.</summary>
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
        await _task.DisposeAsync();
        _client.Dispose();
        _spool?.Dispose();
        _metrics.Dispose();
    }

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
                    await DeliverAsync(stop);
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

    /// <summary>Direct: fills the next request; false when the queue is closed and empty.</summary>
    async Task<bool> CollectAsync(CancellationToken stop)
    {
        if (_pending.Count == 0 && !await _queue.WaitAsync(stop))
        {
            return false;
        }

        Collect();
        if (_lineCount < _options.RequestLines && _lines.Length < _options.RequestBytes && !_queue.Flushing)
        {
            await Task.Delay(_options.Linger, _time, stop);
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
            if (_lineCount >= _options.RequestLines || _lines.Length >= _options.RequestBytes)
            {
                break;
            }

            _lines.Append(queued.Batch.Lines.Written);
            _lineCount += queued.Batch.LineCount;
            _inFlight++;
        }
    }

    /// <summary>Direct: sends the request; ends when it is delivered, or when all that is pending is in the spool instead.</summary>
    async Task DeliverAsync(CancellationToken stop)
    {
        using CancellationTokenSource attempt = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task sending = _delivery.DeliverAsync(new(_lines.WrittenMemory, _lineCount), attempt.Token);
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

        // The request may have come through while the spool took its batches: they are acknowledged already.
        if (!spooled)
        {
            Recovered();
            AcknowledgeFirst(_inFlight);
        }

        _inFlight = 0;
    }

    /// <summary>Spooled: sends the oldest of what is on disk, until nothing is; new batches go behind it when too many wait.</summary>
    async Task DrainAsync(CancellationToken stop)
    {
        _lines.Clear();
        int lines = _spool!.Read(_lines, _options.RequestLines, _options.RequestBytes);
        if (lines == 0)
        {
            return;
        }

        Task sending = _delivery.DeliverAsync(new(_lines.WrittenMemory, lines), stop);
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
