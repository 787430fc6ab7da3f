using System.Threading.Channels;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Publishing.Spooling;

namespace StreamForecaster.Worker.Publishing.Kafka;

/// <summary>
/// Produces a part of every batch as messages, idempotently and to all in-sync replicas. A delivery is done when every message of it is reported
/// delivered; what fails is produced again, what can never be delivered goes to the dead letters.
/// </summary>
public abstract partial class KafkaTopicSink : SpooledSink
{
    const int MessagesMax = 10_000;
    const int BytesMax = 4 << 20;

    // The library retries by itself; what it reports as failed needs time or a person.
    static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
    static readonly TimeSpan FullQueueWait = TimeSpan.FromMilliseconds(10);
    static readonly TimeSpan LastReports = TimeSpan.FromSeconds(5);

    readonly ProducerConfig _config;
    readonly TimeProvider _time;
    readonly ILogger _log;
    readonly Rejections _rejections;
    IProducer<byte[]?, byte[]> _producer;

    private protected KafkaTopicSink(
        string name, ProducerConfig config, long queueBytes, SpoolOptions spool, SinkContext context, ISink? deadLetters)
        : base(name, new(MessagesMax, BytesMax, 0, TimeSpan.Zero, queueBytes), spool, context)
    {
        NativeKafka.EnsureLoaded();
        _config = config;
        _time = context.Time;
        _log = context.Logs.CreateLogger("StreamForecaster.Publishing");
        _rejections = new(name, deadLetters);
        _producer = Build();
        Start();
    }

    /// <summary>Makes messages of that part.</summary>
    private protected abstract void Read(ReadOnlySpan<byte> part, List<KafkaMessage> messages);

    private protected override async Task DeliverAsync(LinePiece lines, CancellationToken stop)
    {
        List<KafkaMessage> messages = [];
        Read(lines.Lines.Span, messages);
        while (messages.Count > 0)
        {
            messages = await ProduceAsync(messages, stop);
        }
    }

    private protected override void DisposeClient() => _producer.Dispose();

    // Produces messages and waits for all reports; gives those that must be produced again.
    async Task<List<KafkaMessage>> ProduceAsync(List<KafkaMessage> messages, CancellationToken stop)
    {
        Channel<(KafkaMessage Message, Error Error)> reports =
            Channel.CreateUnbounded<(KafkaMessage, Error)>(new() { SingleReader = true });
        foreach (KafkaMessage message in messages)
        {
            await ProduceAsync(message, error => reports.Writer.TryWrite((message, error)), stop);
        }

        List<KafkaMessage> again = [];
        Error? failure = null;
        int refused = 0;
        for (int i = 0; i < messages.Count; i++)
        {
            (KafkaMessage message, Error error) = await reports.Reader.ReadAsync(stop);
            if (IsPermanent(error.Code))
            {
                LogRefused(Name, error.Reason);
                _rejections.Add(message.Value, $"{message.Topic}: {error.Reason}");
                refused++;
            }
            else if (error.IsError)
            {
                failure = failure is { IsFatal: true } ? failure : error;
                again.Add(message);
            }
        }

        Metrics.Written(messages.Count - refused - again.Count);
        if (refused > 0)
        {
            Metrics.Rejected(refused);
            await _rejections.HandOverAsync(stop);
        }

        if (failure is not null)
        {
            await RestAsync(failure, stop);
        }

        return again;
    }

    async Task RestAsync(Error failure, CancellationToken stop)
    {
        OnTrouble(failure.Reason, RetryAfter);
        await Task.Delay(RetryAfter, _time, stop);
        if (failure.IsFatal || failure.Code == ErrorCode.Local_Fatal)
        {
            // The library's word: nothing more goes through this producer. Its last reports come first.
            _producer.Flush(LastReports);
            _producer.Dispose();
            _producer = Build();
        }
    }

    async Task ProduceAsync(KafkaMessage message, Action<Error> report, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                _producer.Produce(message.Topic, new() { Key = message.Key, Value = message.Value }, delivered => report(delivered.Error));
                return;
            }
            catch (ProduceException<byte[]?, byte[]> full) when (full.Error.Code == ErrorCode.Local_QueueFull)
            {
                await Task.Delay(FullQueueWait, _time, stop);
            }
            catch (ProduceException<byte[]?, byte[]> failed)
            {
                report(failed.Error);
                return;
            }
        }
    }

    internal static bool IsPermanent(ErrorCode code) => code is
        ErrorCode.MsgSizeTooLarge or ErrorCode.InvalidMsgSize or ErrorCode.InvalidRecord or ErrorCode.InvalidMsg;

    IProducer<byte[]?, byte[]> Build() => new ProducerBuilder<byte[]?, byte[]>(_config)
        .SetErrorHandler((_, error) => OnTrouble(error.Reason, RetryAfter))
        .SetLogHandler((_, line) => LogLibrary(Name, line.Message))
        .Build();

    [LoggerMessage(423, LogLevel.Debug, "{Sink}: librdkafka: {Message}")]
    partial void LogLibrary(string sink, string message);
}
