using System.Collections.Concurrent;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using StreamForecaster.Worker.Ingestion;

namespace StreamForecaster.Worker.Publishing.Kafka;

/// <summary>
/// Results as JSON messages, exactly once: what a lane's records gave and the group's offset after them are one transaction. A transaction
/// holds what all other sinks have already, so its offset is ahead of nobody. Each lane has a transactional id of its own: whoever takes the
/// partition over fences the owner before, whose open transaction is never seen by a <c>read_committed</c> reader.
/// </summary>
public sealed partial class KafkaTransactionSink : ISink
{
    static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    // A partition that is being taken away is released within this; one that is still ours then needs a new process.
    static readonly TimeSpan FencedLimit = TimeSpan.FromSeconds(10);

    readonly ConcurrentDictionary<LaneId, LaneTransactions> _lanes = new();
    readonly KafkaSinkOptions _options;
    readonly KafkaOptions _source;
    readonly Func<IConsumerGroupMetadata?> _group;
    readonly TimeProvider _time;
    readonly ILogger _log;
    readonly SinkMetrics _metrics;
    readonly Rejections _rejections;
    readonly SinkTask _task;
    long _bytes;
    volatile string? _trouble;
    volatile string? _ended;

    /// <summary>Starts the sink.</summary>
    /// <param name="options">The topics.</param>
    /// <param name="source">The cluster and group that the records come from: a transaction cannot span two clusters.</param>
    /// <param name="group">The consumer's place in its group, null before it has one.</param>
    /// <param name="context">Time, logs and metrics.</param>
    /// <param name="deadLetters">Takes messages that the broker refuses for good.</param>
    public KafkaTransactionSink(
        KafkaSinkOptions options, KafkaOptions source, Func<IConsumerGroupMetadata?> group, SinkContext context, ISink? deadLetters)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        NativeKafka.EnsureLoaded();
        Name = $"kafka:{options.Name}";
        _options = options;
        _source = source;
        _group = group;
        _time = context.Time;
        _log = context.Logs.CreateLogger("StreamForecaster.Publishing");
        _metrics = new(context.Meter, Name, () => Volatile.Read(ref _bytes));
        _rejections = new(Name, deadLetters);
        _task = new(RunAsync);
    }

    /// <summary>Makes the other sinks' marks durable before an offset is committed; false where one could not.</summary>
    public Func<IReadOnlyList<KeyValuePair<LaneId, long>>, bool> Marks { get; set; } = static _ => true;

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>True: the source must not.</summary>
    public bool CommitsOffsets => true;

    /// <inheritdoc/>
    public bool HasRoom => Volatile.Read(ref _bytes) < _options.QueueBytes;

    /// <inheritdoc/>
    public bool Healthy => Trouble is null;

    /// <inheritdoc/>
    public string? Trouble => _trouble;

    /// <inheritdoc/>
    public long LinesWritten => _metrics.LinesWritten;

    /// <summary>Why the process must end: a lane that is still ours and whose producer was fenced.</summary>
    public string? Failure => _ended ?? _lanes.Values
        .Where(lane => lane.Fenced is { } fenced && _time.GetElapsedTime(fenced.Since) > FencedLimit)
        .Select(lane => $"{Name}: {lane.Lane}: {lane.Fenced!.Value.Reason}; the partition is still assigned here, so only a new start helps")
        .FirstOrDefault();

    /// <summary>Tests stop here, between a transaction's messages and its commit.</summary>
    internal Action<LaneId>? BeforeCommitting { get; set; }

    /// <summary>A partition is about to be ours: fences whoever had it, whose open transaction is aborted.</summary>
    /// <exception cref="InvalidOperationException">The brokers do not answer; one line.</exception>
    public void Claim(LaneId lane)
    {
        Release(lane);
        ProducerConfig config = _options.ForProducer(_source);
        config.TransactionalId = $"{_source.GroupId}-{_options.Name}-{lane}";

        // A message that is given up aborts its transaction, which is made again.
        config.MessageTimeoutMs = null;
        IProducer<byte[]?, byte[]> producer = new ProducerBuilder<byte[]?, byte[]>(config)
            .SetErrorHandler((_, error) => Report(error.Reason))
            .SetLogHandler((_, line) => LogLibrary(Name, line.Message))
            .Build();
        try
        {
            Again(() => producer.InitTransactions(Patience));
            KafkaClient.Find(producer.Handle, [_options.ForecastTopic, _options.AnomalyTopic, _options.EventTopic], Patience);
        }
        catch (KafkaException refused)
        {
            producer.Dispose();
            throw new InvalidOperationException($"{Name}: transactions of {lane}: {refused.Error.Reason} ({refused.Error.Code}).", refused);
        }

        _lanes[lane] = new(lane, producer);
    }

    /// <inheritdoc/>
    public void Release(LaneId lane)
    {
        if (_lanes.TryRemove(lane, out LaneTransactions? gone))
        {
            Interlocked.Add(ref _bytes, -gone.Drop());
            gone.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Enqueue(ResultBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (_lanes.TryGetValue(batch.Lane, out LaneTransactions? lane))
        {
            Interlocked.Add(ref _bytes, batch.Messages.Length);
            lane.Add(batch);
        }
    }

    /// <summary>Does nothing: an aborted transaction was never there.</summary>
    public void Restore(LaneId lane, long offset)
    {
    }

    /// <summary>True: the offset is in the transaction.</summary>
    public bool BeforeCommit(IReadOnlyList<KeyValuePair<LaneId, long>> offsets) => true;

    /// <inheritdoc/>
    public async Task FlushAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested && _lanes.Values.Any(static lane => lane.Count > 0))
        {
            await Task.Delay(Tick, _time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _task.DisposeAsync();
        foreach (LaneId lane in _lanes.Keys)
        {
            Release(lane);
        }

        _metrics.Dispose();
    }

    async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested && _ended is null)
        {
            (LaneTransactions Lane, List<ResultBatch> Ready)[] work =
                [.. _lanes.Values.Select(static lane => (lane, lane.Ready())).Where(static work => work.Item2.Count > 0)];
            bool[] done = await Task.WhenAll(work.Select(one => Task.Run(() => TransactAsync(one.Lane, one.Ready, stop), CancellationToken.None)));
            TimeSpan rest = done.Contains(false) ? RetryAfter : Tick;
            await Task.Delay(rest, _time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    void Report(string reason)
    {
        if (!string.Equals(_trouble, reason, StringComparison.Ordinal))
        {
            _trouble = reason;
            LogTrouble(Name, reason);
        }
    }

    [LoggerMessage(430, LogLevel.Error, "{Sink}: {Reason}; results are kept and produced again")]
    partial void LogTrouble(string sink, string reason);

    [LoggerMessage(431, LogLevel.Information, "{Sink}: takes results again")]
    partial void LogRecovered(string sink);

    [LoggerMessage(432, LogLevel.Error, "{Sink}: {Lane} publishes nothing more here: {Reason}")]
    partial void LogFenced(string sink, LaneId lane, string reason);

    [LoggerMessage(433, LogLevel.Debug, "{Sink}: librdkafka: {Message}")]
    partial void LogLibrary(string sink, string message);
}
