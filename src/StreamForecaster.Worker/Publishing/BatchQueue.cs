using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace StreamForecaster.Worker.Publishing;

/// <summary>
/// The batches a sink has taken and not yet acknowledged, counted in bytes. Lanes add on any thread, the sink's one task takes;
/// bytes are given back when a batch is acknowledged, not when it is taken, because its memory is in use until then.
/// </summary>
/// <param name="capacityBytes">From here on <see cref="HasRoom"/> is false; adding is never refused.</param>
/// <param name="size">The bytes of a batch that this sink is concerned with.</param>
sealed class BatchQueue(long capacityBytes, Func<ResultBatch, int> size)
{
    // A batch without a byte for this sink still takes a place.
    const int Overhead = 64;

    readonly Channel<QueuedBatch> _channel = Channel.CreateUnbounded<QueuedBatch>(new() { SingleReader = true });
    readonly AcknowledgedPrefix _prefix = new();
    readonly Lock _gate = new();
    readonly List<(long Target, TaskCompletionSource Done)> _flushes = [];
    long _bytes;
    long _added;

    /// <summary>The bytes of all batches not yet acknowledged.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>The number of batches not yet acknowledged.</summary>
    public int Count => _prefix.Waiting;

    /// <summary>True while less than the capacity is held.</summary>
    public bool HasRoom => Bytes < capacityBytes;

    /// <summary>True while someone waits for <see cref="FlushAsync"/>.</summary>
    public bool Flushing
    {
        get
        {
            lock (_gate)
            {
                return _flushes.Count > 0;
            }
        }
    }

    /// <summary>Adds a batch. <paramref name="generation"/>: whatever the sink wants to know of it when it takes it.</summary>
    public void Add(ResultBatch batch, int generation = 0)
    {
        int bytes = size(batch) + Overhead;
        Interlocked.Add(ref _bytes, bytes);

        // The ticket's order and the channel's are one.
        lock (_gate)
        {
            long ticket = _prefix.Issue(++_added);
            _channel.Writer.TryWrite(new(batch, ticket, bytes, generation));
        }
    }

    public bool TryTake([MaybeNullWhen(false)] out QueuedBatch taken) => _channel.Reader.TryRead(out taken);

    /// <summary>Completes when there is something to take; false when the queue is closed and empty.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken stop) => _channel.Reader.WaitToReadAsync(stop);

    /// <summary>Nothing more will be added.</summary>
    public void Close() => _channel.Writer.TryComplete();

    /// <summary>Acknowledges the batch to its lane, which may use it again at once.</summary>
    public void Acknowledge(QueuedBatch taken)
    {
        Interlocked.Add(ref _bytes, -taken.Bytes);
        _prefix.Acknowledge(taken.Ticket);
        taken.Batch.Acknowledge();
        lock (_gate)
        {
            for (int i = _flushes.Count - 1; i >= 0; i--)
            {
                if (_flushes[i].Target <= _prefix.Offset)
                {
                    _flushes[i].Done.TrySetResult();
                    _flushes.RemoveAt(i);
                }
            }
        }
    }

    /// <summary>Completes when everything added before the call is acknowledged, or the token is cancelled.</summary>
    public async Task FlushAsync(CancellationToken stop)
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_added == 0 || _prefix.Offset >= _added)
            {
                return;
            }

            _flushes.Add((_added, done));
        }

        await using CancellationTokenRegistration cancel = stop.Register(() => done.TrySetResult());
        await done.Task;
        lock (_gate)
        {
            _flushes.RemoveAll(flush => flush.Done == done);
        }
    }
}

/// <summary>A batch as it lies in a sink's queue.</summary>
readonly record struct QueuedBatch(ResultBatch Batch, long Ticket, int Bytes, int Generation);
