using Confluent.Kafka;

namespace StreamForecaster.SystemTests.Faults;

/// <summary>How far a consumer group has committed a topic.</summary>
sealed class Commits(string brokers, string group, string topic, int partitions) : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    readonly IConsumer<byte[], byte[]> _consumer = new ConsumerBuilder<byte[], byte[]>(
        new ConsumerConfig { BootstrapServers = brokers, GroupId = group, SocketTimeoutMs = 5000 }).Build();
    readonly TopicPartition[] _all = [.. Enumerable.Range(0, partitions).Select(p => new TopicPartition(topic, p))];

    /// <summary>Records committed, and records there; null where the brokers do not say.</summary>
    internal (long Committed, long There)? Read()
    {
        try
        {
            long there = _all.Sum(partition => _consumer.QueryWatermarkOffsets(partition, Patience).High.Value);
            return (_consumer.Committed(_all, Patience).Sum(static offset => Math.Max(0, offset.Offset.Value)), there);
        }
        catch (KafkaException)
        {
            return null;
        }
    }

    public void Dispose() => _consumer.Dispose();
}
