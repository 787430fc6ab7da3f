using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Publishing.Disk;

namespace StreamForecaster.Worker.Publishing.Files;

/// <summary>
/// Appends one part of every batch to its lane's files. A batch is acknowledged once written; <see cref="BeforeCommit"/> makes the
/// files and their marks durable before the offsets are committed. While the disk refuses, the batch is kept and tried again.
/// </summary>
public abstract partial class LaneFileSink : ISink
{
    static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    readonly ConcurrentDictionary<LaneId, LaneFile> _lanes = new();
    readonly FileSinkOptions _options;
    readonly string _extension;
    readonly SinkContext _context;
    readonly BatchQueue _queue;
    readonly SinkMetrics _metrics;
    readonly ILogger _log;
    readonly SinkTask _task;

    private protected LaneFileSink(string name, FileSinkOptions options, string extension, SinkContext context)
    {
        Name = name;
        _options = options;
        _extension = extension;
        _context = context;
        _log = context.Logs.CreateLogger("StreamForecaster.Publishing");
        _queue = new(options.QueueBytes, batch => Part(batch).Length);
        _metrics = new(context.Meter, name, () => _queue.Bytes);
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
    public string? Trouble { get; private set; }

    /// <inheritdoc/>
    public void Enqueue(ResultBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        LaneFile file = FileOf(batch.Lane);
        _queue.Add(batch, file.Generation);
    }

    /// <inheritdoc/>
    public void Restore(LaneId lane, long offset) => FileOf(lane).Restore(offset);

    /// <inheritdoc/>
    public bool BeforeCommit(IReadOnlyList<KeyValuePair<LaneId, long>> offsets)
    {
        ArgumentNullException.ThrowIfNull(offsets);
        Dictionary<LaneId, long> committed = new(offsets);
        foreach ((LaneId lane, LaneFile file) in _lanes)
        {
            try
            {
                if (committed.TryGetValue(lane, out long offset))
                {
                    file.MarkOffset(offset);
                }
                else
                {
                    // What another sink's database refused comes under a name that is no partition's.
                    file.SyncUnlessRestored();
                }
            }
            catch (Exception error) when (DiskTrouble.Is(error))
            {
                Report(DiskTrouble.Describe(error, file.FilePath));
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public Task FlushAsync(CancellationToken stop) => _queue.FlushAsync(stop);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // What is queued is written first; a disk that refuses now is not waited for: nothing was acknowledged or committed.
        _queue.Close();
        await _task.DisposeAsync();
        foreach (LaneFile file in _lanes.Values)
        {
            file.Dispose();
        }

        _metrics.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The part of a batch that this sink writes.</summary>
    private protected abstract ByteBuffer Part(ResultBatch batch);

    /// <summary>The number of lines in that part.</summary>
    private protected abstract int LinesOf(ResultBatch batch);

    LaneFile FileOf(LaneId lane) => _lanes.GetOrAdd(
        lane,
        static (id, sink) => new(sink._options.Directory, id, sink._extension, sink._options.RotateBytes, sink._context.Write),
        this);

    async Task RunAsync(CancellationToken stop)
    {
        while (await _queue.WaitAsync(CancellationToken.None))
        {
            while (_queue.TryTake(out QueuedBatch taken))
            {
                if (!await WriteAsync(taken, stop))
                {
                    return;
                }

                _queue.Acknowledge(taken);
            }
        }
    }

    /// <summary>False when the sink stops before the disk has taken the batch.</summary>
    async Task<bool> WriteAsync(QueuedBatch taken, CancellationToken stop)
    {
        LaneFile file = FileOf(taken.Batch.Lane);
        while (true)
        {
            try
            {
                file.Append(Part(taken.Batch).Written, taken.Batch.UpToOffset, taken.Generation);
                _metrics.Written(LinesOf(taken.Batch));
                Recovered();
                return true;
            }
            catch (Exception error) when (DiskTrouble.Is(error))
            {
                Report(DiskTrouble.Describe(error, file.FilePath));
                _metrics.Retried();
            }

            try
            {
                await Task.Delay(RetryAfter, _context.Time, stop);
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }
    }

    void Report(string trouble)
    {
        if (!string.Equals(Trouble, trouble, StringComparison.Ordinal))
        {
            Trouble = trouble;
            LogTrouble(Name, trouble);
        }
    }

    void Recovered()
    {
        if (Trouble is not null)
        {
            Trouble = null;
            LogRecovered(Name);
        }
    }

    [LoggerMessage(400, LogLevel.Error, "{Sink}: {Trouble}; results are kept and tried again every second")]
    partial void LogTrouble(string sink, string trouble);

    [LoggerMessage(401, LogLevel.Information, "{Sink}: writes again")]
    partial void LogRecovered(string sink);
}
