using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace StreamForecaster.Worker.Ingestion.Host;

/// <summary>Sends this machine's metrics to a topic, one record per source and second, stamped with the whole second.</summary>
public sealed partial class HostFeed : IDisposable
{
    readonly string _topic;
    readonly bool _seasonal;
    readonly TimeProvider _time;
    readonly ILogger _log;
    readonly IProducer<string, byte[]> _producer;
    readonly HostMetrics _metrics = new();
    readonly TelegrafRecords _records;
    long _sent;
    int _refusals;

    /// <summary>Connects at the first record.</summary>
    /// <param name="kafka">The cluster: address and client settings.</param>
    /// <param name="topic">The topic to write to.</param>
    /// <param name="seasonal">Whether the two synthetic sources come with it.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where trouble is told.</param>
    /// <param name="host">The <c>host</c> tag; the machine's name where null.</param>
    public HostFeed(KafkaOptions kafka, string topic, bool seasonal, TimeProvider time, ILogger<HostFeed> log, string? host = null)
    {
        NativeKafka.EnsureLoaded();
        _topic = topic;
        _seasonal = seasonal;
        _time = time;
        _log = log;
        _records = new(host ?? Environment.MachineName);
        _producer = new ProducerBuilder<string, byte[]>(KafkaClient.ForProducer(kafka))
            .SetKeySerializer(Serializers.Utf8)
            .SetErrorHandler((_, error) => LogTrouble(error.Reason))
            .SetLogHandler((_, _) => { })
            .Build();
    }

    /// <summary>Records acknowledged by the broker.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Sends until it is stopped, then waits a moment for what is on its way.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        DateTimeOffset next = NextSecond(_time.GetUtcNow());
        try
        {
            while (true)
            {
                TimeSpan wait = next - _time.GetUtcNow();
                await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, _time, stop);
                Send(next);

                // A machine too busy for a second leaves it out.
                DateTimeOffset following = next.AddSeconds(1);
                DateTimeOffset now = _time.GetUtcNow();
                next = now - following > TimeSpan.FromSeconds(1) ? NextSecond(now) : following;
            }
        }
        catch (OperationCanceledException)
        {
            _producer.Flush(TimeSpan.FromSeconds(2));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _producer.Dispose();
        _records.Dispose();
    }

    static DateTimeOffset NextSecond(DateTimeOffset now) => DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds() + 1);

    void Send(DateTimeOffset second)
    {
        _records.Start(second);
        _metrics.Write(_records);
        if (_seasonal)
        {
            SeasonalSources.Write(second, _records);
        }

        foreach (TelegrafRecord record in _records.Written)
        {
            Message<string, byte[]> message = new()
            {
                Key = record.Key,
                Value = record.Payload,
                Timestamp = new(second.ToUnixTimeMilliseconds(), TimestampType.CreateTime),
            };
            try
            {
                _producer.Produce(_topic, message, Delivered);
            }
            catch (ProduceException<string, byte[]> e)
            {
                Refused(e.Error);
            }
        }
    }

    void Delivered(DeliveryReport<string, byte[]> report)
    {
        if (report.Error.IsError)
        {
            Refused(report.Error);
        }
        else
        {
            Interlocked.Increment(ref _sent);
        }
    }

    // The first is told, then every thousandth: a broker that is away would fill the log.
    void Refused(Error error)
    {
        int count = Interlocked.Increment(ref _refusals);
        if (count % 1000 == 1)
        {
            LogRefused(_topic, error.Reason, count);
        }
    }

    [LoggerMessage(120, LogLevel.Warning, "Sending this machine's metrics: {Reason}")]
    partial void LogTrouble(string reason);

    [LoggerMessage(121, LogLevel.Warning, "A record for topic {Topic} was not delivered: {Reason} ({Count} so far)")]
    partial void LogRefused(string topic, string reason, int count);
}
