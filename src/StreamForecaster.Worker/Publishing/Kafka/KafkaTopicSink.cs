using System.Threading.Channels;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using StreamForecaster.Worker.Ingestion;

namespace StreamForecaster.Worker.Publishing.Kafka;

/// <summary>
/// Produces a part of every batch as messages, idempotently and to all in-sync replicas. A batch is acknowledged when every message of
/// it is reported delivered; what fails is produced again, what can never be delivered goes to the dead letters.
/// </summary>
public abstract partial class KafkaTopicSink : ISink
{
    // The library retries by itself; what it reports as failed needs time or a person.
    static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
    static readonly TimeSpan FullQueueWait = TimeSpan.FromMilliseconds(10);
    static readonly TimeSpan LastReports = TimeSpan.FromSeconds(5);

    readonly Channel<(PendingBatch Batch, KafkaMessage Message, Error Error)> _failed =
        Channel.CreateUnbounded<(PendingBatch, KafkaMessage, Error)>(new() { SingleReader = true });
    readonly List<KafkaMessage> _messages = [];
    readonly ProducerConfig _config;
    readonly SinkContext _context;
    readonly ILogger _log;
    readonly BatchQueue _queue;
    readonly SinkMetrics _metrics;
    readonly Rejections _rejections;
    readonly SinkTask _task;
    IProducer<byte[]?, byte[]> _producer;
    volatile string? _trouble;

    private protected KafkaTopicSink(string name, ProducerConfig config, long queueBytes, SinkContext context, ISink? deadLetters)
    {
        NativeKafka.EnsureLoaded();
        Name = name;
        _config = config;
        _context = context;
        _log = context.Logs.CreateLogger("StreamForecaster.Publishing");
        _queue = new(queueBytes, batch => Part(batch).Length);
        _metrics = new(context.Meter, name, _queue);
        _rejections = new(name, deadLetters);
        _producer = Build();
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
    public string? Trouble => _trouble;

    /// <inheritdoc/>
    public void Enqueue(ResultBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        _queue.Add(batch);
    }

    /// <summary>Does nothing: messages are keyed by series and carry their time, so a repeated one is told by both.</summary>
    public void Restore(LaneId lane, long offset)
    {
    }

    /// <summary>True: what is acknowledged is on all in-sync replicas already.</summary>
    public bool BeforeCommit(IReadOnlyList<KeyValuePair<LaneId, long>> offsets) => true;

    /// <inheritdoc/>
    public Task FlushAsync(CancellationToken stop) => _queue.FlushAsync(stop);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        await _task.DisposeAsync();
        _producer.Dispose();
        _metrics.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The part of a batch that this sink produces.</summary>
    private protected abstract ByteBuffer Part(ResultBatch batch);

    /// <summary>Makes messages of that part.</summary>
    private protected abstract void Read(ReadOnlySpan<byte> part, List<KafkaMessage> messages);

    async Task RunAsync(CancellationToken stop)
    {
        try
        {
            Task<bool> queued = _queue.WaitAsync(stop).AsTask();
            Task<bool> failed = _failed.Reader.WaitToReadAsync(stop).AsTask();
            while (true)
            {
                await Task.WhenAny(queued, failed);
                if (failed.IsCompleted)
                {
                    await failed;
                    await RetryAsync(stop);
                    failed = _failed.Reader.WaitToReadAsync(stop).AsTask();
                }
                else if (!await queued)
                {
                    // Closed: what is under way may still fail.
                    await failed;
                }
                else
                {
                    await ProduceQueuedAsync(stop);
                    queued = _queue.WaitAsync(stop).AsTask();
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Disposed: what is not reported delivered is not acknowledged.
        }
#pragma warning disable CA1031 // A sink that ends says so; the batches it holds stay unacknowledged.
        catch (Exception error)
#pragma warning restore CA1031
        {
            _trouble = $"stopped: {error.Message}";
            LogFailure(Name, error);
        }
    }

    async Task ProduceQueuedAsync(CancellationToken stop)
    {
        while (!_failed.Reader.TryPeek(out _) && _queue.TryTake(out QueuedBatch taken))
        {
            PendingBatch pending = new(taken, Delivered, Failed);
            _messages.Clear();
            Read(Part(taken.Batch).Written, _messages);
            foreach (KafkaMessage message in _messages)
            {
                pending.Expect();
                await ProduceAsync(pending, message, stop);
            }

            pending.Done();
        }
    }

    async Task ProduceAsync(PendingBatch pending, KafkaMessage message, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                _producer.Produce(message.Topic, new() { Key = message.Key, Value = message.Value }, pending.Report);
                return;
            }
            catch (ProduceException<byte[]?, byte[]> full) when (full.Error.Code == ErrorCode.Local_QueueFull)
            {
                await Task.Delay(FullQueueWait, _context.Time, stop);
            }
            catch (ProduceException<byte[]?, byte[]> error)
            {
                Failed(pending, message, error.Error);
                return;
            }
        }
    }

    IProducer<byte[]?, byte[]> Build() => new ProducerBuilder<byte[]?, byte[]>(_config)
        .SetErrorHandler((_, error) => Report(error))
        .SetLogHandler((_, line) => LogLibrary(Name, line.Message))
        .Build();
}
