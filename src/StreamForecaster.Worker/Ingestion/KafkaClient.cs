using Confluent.Kafka;

namespace StreamForecaster.Worker.Ingestion;

/// <summary>Builds librdkafka's settings from ours: what a consumer, and what a producer to the same cluster, is given.</summary>
public static class KafkaClient
{
    // A lane decides what is committed and what happens to an offset out of range; a setting that took that over would lose records.
    static readonly string[] Ours =
    [
        "auto.offset.reset", "enable.auto.commit", "enable.auto.offset.store", "enable.partition.eof", "group.id",
        "group.instance.id", "bootstrap.servers", "metadata.broker.list", "partition.assignment.strategy",
    ];

    /// <summary>True for the settings that cannot be passed through.</summary>
    internal static bool IsOurs(string name) => Ours.Contains(name, StringComparer.Ordinal);

    /// <summary>The settings of the group's consumer.</summary>
    internal static ConsumerConfig ForConsumer(KafkaOptions options)
    {
        ConsumerConfig config = new()
        {
            BootstrapServers = options.BootstrapServers,
            GroupId = options.GroupId,
            GroupInstanceId = options.InstanceId,
            ClientId = "streamforecaster",
            PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky,
            EnableAutoCommit = false,
            EnableAutoOffsetStore = false,
            AutoOffsetReset = AutoOffsetReset.Error,
            AllowAutoCreateTopics = false,
            TopicMetadataRefreshIntervalMs = (int)options.TopicRefresh.TotalMilliseconds,

            // Records wait in the lanes' inboxes; the library keeps enough ahead for a second, not its default of 64 MiB,
            // and asks again at once when that has been read instead of after a second.
            QueuedMaxMessagesKbytes = 16 * 1024,
            FetchQueueBackoffMs = 5,

            // Headers are not read: that saves an allocation per record.
            ConsumeResultFields = "timestamp,topic",
        };
        PassThrough(options, config);
        return config;
    }

    /// <summary>The settings of a producer to the same cluster, with the same security; for results, dead letters and
    /// <c>produce</c>.</summary>
    public static ProducerConfig ForProducer(KafkaOptions options)
    {
        ProducerConfig config = new()
        {
            BootstrapServers = options.BootstrapServers,
            ClientId = "streamforecaster",
            LingerMs = 5,
            CompressionType = CompressionType.Lz4,
            EnableIdempotence = true,
        };
        PassThrough(options, config);
        return config;
    }

    /// <summary>Tells a producer where the topics' partitions are before it writes to them: librdkafka holds the first message to a topic that it
    /// does not know for up to a second.</summary>
    /// <exception cref="KafkaException">The brokers do not answer.</exception>
    internal static void Find(Handle producer, IEnumerable<string> topics, TimeSpan patience)
    {
        using IAdminClient admin = new DependentAdminClientBuilder(producer).Build();
        foreach (string topic in topics.Distinct(StringComparer.Ordinal))
        {
            admin.GetMetadata(topic, patience);
        }
    }

    static void PassThrough(KafkaOptions options, ClientConfig config)
    {
        foreach ((string name, string value) in options.Client)
        {
            config.Set(name, value);
        }

        if (!string.IsNullOrEmpty(options.SaslPassword))
        {
            config.SaslPassword = options.SaslPassword;
        }
    }
}
