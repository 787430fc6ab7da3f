using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace StreamForecaster.Worker.Publishing.Kafka;

/// <summary>What becomes of messages that were not delivered.</summary>
public abstract partial class KafkaTopicSink
{
    // On the library's thread.
    void Delivered(QueuedBatch batch, int messages)
    {
        _metrics.Written(messages);
        if (_trouble is not null && !_failed.Reader.TryPeek(out _))
        {
            _trouble = null;
            LogRecovered(Name);
        }

        _queue.Acknowledge(batch);
    }

    // On the library's thread, or on the sink's own.
    void Failed(PendingBatch batch, KafkaMessage message, Error error)
    {
        if (!IsPermanent(error.Code))
        {
            Report(error);
        }

        _failed.Writer.TryWrite((batch, message, error));
    }

    static bool IsPermanent(ErrorCode code) => code is
        ErrorCode.MsgSizeTooLarge or ErrorCode.InvalidMsgSize or ErrorCode.InvalidRecord or ErrorCode.InvalidMsg;

    async Task RetryAsync(CancellationToken stop)
    {
        List<(PendingBatch Batch, KafkaMessage Message)> again = [];
        List<PendingBatch> refused = [];
        bool fatal = false;
        while (_failed.Reader.TryRead(out (PendingBatch Batch, KafkaMessage Message, Error Error) failed))
        {
            if (IsPermanent(failed.Error.Code))
            {
                LogRefused(Name, failed.Error.Reason);
                _rejections.Add(failed.Message.Value, $"{failed.Message.Topic}: {failed.Error.Reason}");
                refused.Add(failed.Batch);
            }
            else
            {
                fatal |= failed.Error.IsFatal || failed.Error.Code == ErrorCode.Local_Fatal;
                again.Add((failed.Batch, failed.Message));
            }
        }

        if (refused.Count > 0)
        {
            _metrics.Rejected(refused.Count);
            await _rejections.HandOverAsync(stop);
            refused.ForEach(batch => batch.Done());
        }

        if (again.Count == 0)
        {
            return;
        }

        await Task.Delay(RetryAfter, _context.Time, stop);
        if (fatal)
        {
            // The library's word: nothing more goes through this producer. Its last reports come first.
            _producer.Flush(LastReports);
            _producer.Dispose();
            _producer = Build();
        }

        foreach ((PendingBatch batch, KafkaMessage message) in again)
        {
            _metrics.Retried();
            await ProduceAsync(batch, message, stop);
        }
    }

    void Report(Error error)
    {
        if (!string.Equals(_trouble, error.Reason, StringComparison.Ordinal))
        {
            _trouble = error.Reason;
            LogTrouble(Name, error.Reason);
        }
    }

    [LoggerMessage(420, LogLevel.Error, "{Sink}: {Reason}; results are kept and produced again")]
    partial void LogTrouble(string sink, string reason);

    [LoggerMessage(421, LogLevel.Information, "{Sink}: takes results again")]
    partial void LogRecovered(string sink);

    [LoggerMessage(422, LogLevel.Warning, "{Sink}: refused a message: {Reason}")]
    partial void LogRefused(string sink, string reason);

    [LoggerMessage(423, LogLevel.Debug, "{Sink}: librdkafka: {Message}")]
    partial void LogLibrary(string sink, string message);

    [LoggerMessage(424, LogLevel.Critical, "{Sink}: stopped")]
    partial void LogFailure(string sink, Exception error);
}
