using System.Text;
using Confluent.Kafka;

namespace StreamForecaster.SystemTests.Brokers;

/// <summary>A broker that a test may use. Topics and groups are named per test, so that one broker serves all.</summary>
public abstract class KafkaBroker
{
    int _names;

    /// <summary>Why it cannot be used here, or null.</summary>
    public abstract string? Missing { get; }

    /// <summary>Its address list.</summary>
    public abstract string BootstrapServers { get; }

    /// <summary>Creates a topic.</summary>
    public abstract Task CreateTopicAsync(string name, int partitions);

    /// <summary>Creates a topic whose records never expire, whatever their times are.</summary>
    public virtual Task CreateLastingTopicAsync(string name, int partitions) => CreateTopicAsync(name, partitions);

    /// <summary>A name that no other test uses.</summary>
    public string Unique(string word) => $"{word}-{Interlocked.Increment(ref _names)}";

    /// <summary>A new topic under a name of its own.</summary>
    public async Task<string> NewTopicAsync(int partitions)
    {
        Assert.SkipWhen(Missing is not null, Missing ?? "");
        string name = Unique("topic");
        await CreateTopicAsync(name, partitions);
        return name;
    }

    /// <summary>Writes records with the values first, first + 1, … in turn to the partitions, and waits until they are there.</summary>
    public void Produce(string topic, int partitions, int count, int first = 0, long timestampMs = 0)
    {
        using IProducer<byte[], byte[]> producer = NewProducer();
        for (int i = 0; i < count; i++)
        {
            Message<byte[], byte[]> message = new()
            {
                Key = Encoding.UTF8.GetBytes($"key{i % partitions}"),
                Value = Encoding.UTF8.GetBytes($"{first + i}"),
            };
            if (timestampMs != 0)
            {
                message.Timestamp = new(timestampMs + i, TimestampType.CreateTime);
            }

            producer.Produce(new TopicPartition(topic, i % partitions), message);
        }

        Assert.Equal(0, producer.Flush(TimeSpan.FromSeconds(30)));
    }

    public IProducer<byte[], byte[]> NewProducer() =>
        new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = BootstrapServers, LingerMs = 1 }).Build();
}
