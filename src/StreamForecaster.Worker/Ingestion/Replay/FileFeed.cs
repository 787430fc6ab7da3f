using Confluent.Kafka;

namespace StreamForecaster.Worker.Ingestion.Replay;

/// <summary>Sends the rows of files to a topic: line protocol, with the row's time as the record's, keyed by file so that a series stays
/// in one partition.</summary>
public sealed class FileFeed : IDisposable
{
    readonly string _topic;
    readonly IProducer<string, byte[]> _producer;
    Error? _refused;
    long _sent;

    /// <summary>Connects at the first record.</summary>
    public FileFeed(KafkaOptions kafka, string topic)
    {
        NativeKafka.EnsureLoaded();
        _topic = topic;
        _producer = new ProducerBuilder<string, byte[]>(KafkaClient.ForProducer(kafka))
            .SetKeySerializer(Serializers.Utf8)
            .SetErrorHandler((_, error) => _refused = error.IsFatal ? error : _refused)
            .SetLogHandler((_, _) => { })
            .Build();
    }

    /// <summary>Records acknowledged by the broker.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Sends everything, at a rate (records per second; 0: no limit), and waits until it is acknowledged.</summary>
    /// <exception cref="InvalidOperationException">The broker refused a record, or did not answer.</exception>
    public async Task RunAsync(ReplaySource source, double rate, TimeProvider time, CancellationToken stop)
    {
        long start = time.GetTimestamp();
        long count = 0;
        foreach ((string key, long timestampMs, byte[] payload) in source.Records())
        {
            if (stop.IsCancellationRequested || _refused is not null)
            {
                break;
            }

            TimeSpan ahead = rate > 0 ? TimeSpan.FromSeconds(count / rate) - time.GetElapsedTime(start) : TimeSpan.Zero;
            if (ahead > TimeSpan.FromMilliseconds(1))
            {
                await Task.Delay(ahead, time, CancellationToken.None);
            }

            Send(key, timestampMs, payload);
            count++;
        }

        int left = _producer.Flush(TimeSpan.FromSeconds(30));
        if (_refused is not null || left > 0)
        {
            throw new InvalidOperationException(
                $"{Sent} of {count} records were written to {_topic}: {_refused?.Reason ?? "the broker did not answer within 30 s"}.");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _producer.Dispose();

    void Send(string key, long timestampMs, byte[] payload)
    {
        Message<string, byte[]> message = new() { Key = key, Value = payload };
        if (timestampMs >= 0)
        {
            message.Timestamp = new(timestampMs, TimestampType.CreateTime);
        }

        while (true)
        {
            try
            {
                _producer.Produce(_topic, message, Delivered);
                return;
            }
            catch (ProduceException<string, byte[]> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
            {
                _producer.Poll(TimeSpan.FromMilliseconds(50));
            }
        }
    }

    void Delivered(DeliveryReport<string, byte[]> report)
    {
        if (report.Error.IsError)
        {
            _refused ??= report.Error;
        }
        else
        {
            Interlocked.Increment(ref _sent);
        }
    }
}
