using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace StreamForecaster.Worker.Ingestion;

sealed partial class KafkaReader
{
    void LogLibrary(LogMessage message)
    {
        // What matters comes a second time as an error; the rest is the library's own diary.
        if (message.Level <= SyslogLevel.Critical)
        {
            LogLibraryError(message.Message);
        }
        else
        {
            LogLibraryDiary(message.Facility, message.Message);
        }
    }

    [LoggerMessage(100, LogLevel.Information, "Joining consumer group {Group} for {Topics} at {Brokers}")]
    partial void LogJoining(string group, string topics, string brokers);

    [LoggerMessage(101, LogLevel.Information, "{Lane} is ours: reading from {Offset} (committed: {Committed})")]
    partial void LogAssigned(LaneId lane, long offset, long committed);

    [LoggerMessage(102, LogLevel.Information, "{Lane} is {How}; committable: {Committable}")]
    partial void LogRevoked(LaneId lane, string how, long committable);

    [LoggerMessage(103, LogLevel.Warning, "Topic {Topic} does not exist (yet): looking again every {Interval}")]
    partial void LogMissing(string topic, TimeSpan interval);

    [LoggerMessage(104, LogLevel.Warning, "Kafka at {Brokers}: {Reason}; the client tries again")]
    partial void LogTrouble(string brokers, string reason);

    [LoggerMessage(105, LogLevel.Warning, "Offsets were not committed: {Reason}; the next commit covers them")]
    partial void LogCommitFailed(string reason);

    [LoggerMessage(106, LogLevel.Error, "{Loss}: going on at {Offset}, as configured")]
    partial void LogOffsetLoss(string loss, long offset);

    [LoggerMessage(112, LogLevel.Error, "{Change}: going on, as configured")]
    partial void LogPartitionsChanged(string change);

    [LoggerMessage(113, LogLevel.Error, "{Trouble}")]
    partial void LogPaused(string trouble);

    [LoggerMessage(107, LogLevel.Warning, "Leaving the consumer group: {Reason}")]
    partial void LogCloseFailed(string reason);

    [LoggerMessage(108, LogLevel.Warning, "Asking for {What} again: {Reason}")]
    partial void LogAskAgain(string what, string reason);

    [LoggerMessage(111, LogLevel.Warning, "No partition so far: no topic matches {Topics}, or the other members of group {Group} have them all")]
    partial void LogNothing(string topics, string group);

    [LoggerMessage(109, LogLevel.Error, "librdkafka: {Message}")]
    partial void LogLibraryError(string message);

    [LoggerMessage(110, LogLevel.Debug, "librdkafka {Facility}: {Message}")]
    partial void LogLibraryDiary(string facility, string message);
}
