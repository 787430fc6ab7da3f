using Confluent.Kafka;
using Confluent.Kafka.Admin;
using StreamForecaster.State;
using StreamForecaster.Worker.Ingestion;

namespace StreamForecaster.Worker.State;

/// <summary>
/// The topics that hold state where instances have no disk to keep: <c>PREFIX-state</c> (compacted: the files of the lanes' checkpoints, in pieces),
/// <c>PREFIX-journal</c> (not compacted: journal entries; shortened as every lane's checkpoints are past them) and <c>PREFIX-models</c> (compacted: the model store's files). They are made where they are missing.
/// </summary>
sealed class StateTopics
{
    /// <summary>What the key of a journal's record ends with that stands for all before it.</summary>
    public const string WholeEnding = "/whole";

    const int Attempts = 10;
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    readonly KafkaOptions _kafka;
    readonly StateOptions _options;

    /// <summary>Finds the topics, or makes them.</summary>
    /// <exception cref="InvalidOperationException">They cannot be made, or are not as they must be; one line.</exception>
    public StateTopics(KafkaOptions kafka, StateOptions options)
        : this(options, kafka)
    {
        using IAdminClient admin = new AdminClientBuilder(KafkaClient.ForProducer(kafka)).Build();
        Find(admin, StateTopic, "compact");
        Find(admin, JournalTopic, "delete");
        Find(admin, ModelTopic, "compact");
    }

    StateTopics(StateOptions options, KafkaOptions kafka)
    {
        NativeKafka.EnsureLoaded();
        (_kafka, _options) = (kafka, options);
    }

    /// <summary>The topics as they are, for reading alone: nothing is made.</summary>
    public static StateTopics ToRead(KafkaOptions kafka, StateOptions options) => new(options, kafka);

    /// <summary>How many partitions the topics of state and journal have.</summary>
    public int Partitions => _options.TopicPartitions;

    /// <summary>The topic of checkpoints.</summary>
    public string StateTopic => $"{_options.TopicPrefix}-state";

    /// <summary>The topic of journals.</summary>
    public string JournalTopic => $"{_options.TopicPrefix}-journal";

    /// <summary>The topic of models.</summary>
    public string ModelTopic => $"{_options.TopicPrefix}-models";

    /// <summary>Where a lane's records are.</summary>
    public Partition PartitionOf(LaneId lane) => (int)(KeyHash.Of(System.Text.Encoding.UTF8.GetBytes(lane.ToString())) % (ulong)_options.TopicPartitions);

    /// <summary>A producer into these topics whose former owner can write nothing more; null id: one that shares.</summary>
    /// <exception cref="IOException">The brokers do not answer.</exception>
    public IProducer<string, byte[]> Producer(string? transactionalId, params IReadOnlyList<string> topics)
    {
        ProducerConfig config = KafkaClient.ForProducer(_kafka);
        config.Acks = Acks.All;
        if (transactionalId is not null)
        {
            config.TransactionalId = $"{_options.TopicPrefix}-{transactionalId}";
            config.TransactionTimeoutMs = 5 * 60 * 1000;
        }

        IProducer<string, byte[]> producer = new ProducerBuilder<string, byte[]>(config).SetErrorHandler(static (_, _) => { }).Build();
        try
        {
            if (transactionalId is not null)
            {
                Claim(producer);
            }

            KafkaClient.Find(producer.Handle, topics, Patience);
            return producer;
        }
        catch (KafkaException refused)
        {
            producer.Dispose();
            throw new IOException($"{config.TransactionalId}: {refused.Error.Reason}", refused);
        }
    }

    // A coordinator that is just loading asks for patience.
    static void Claim(IProducer<string, byte[]> producer)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                producer.InitTransactions(Patience);
                return;
            }
            catch (KafkaRetriableException) when (attempt < Attempts)
            {
                continue;
            }
        }
    }

    /// <summary>Every committed record of a partition from an offset on, oldest first; tombstones have a null value.</summary>
    /// <exception cref="IOException">The brokers do not answer.</exception>
    public IEnumerable<ConsumeResult<string, byte[]?>> Read(TopicPartition partition, long from = 0)
    {
        ConsumerConfig config = KafkaClient.ForConsumer(_kafka);
        config.GroupInstanceId = null;
        config.EnablePartitionEof = true;

        // The end is told by an answer without records, and the broker holds that one back.
        config.FetchWaitMaxMs = 10;
        config.IsolationLevel = IsolationLevel.ReadCommitted;
        using IConsumer<string, byte[]?> consumer = new ConsumerBuilder<string, byte[]?>(config).SetErrorHandler(static (_, _) => { }).Build();
        consumer.Assign(new TopicPartitionOffset(partition, Math.Max(from, OldestOf(consumer, partition))));
        while ((consumer.Consume(Patience) ?? throw new IOException($"{partition}: no answer within {Patience.TotalSeconds} s")) is { IsPartitionEOF: false } record)
        {
            yield return record;
        }
    }

    // A topic that has just been made is not known to every broker at once.
    static long OldestOf(IConsumer<string, byte[]?> consumer, TopicPartition partition)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return consumer.QueryWatermarkOffsets(partition, Patience).Low.Value;
            }
            catch (KafkaException) when (TimeProvider.System.GetElapsedTime(start) < Patience)
            {
                Thread.Sleep(TimeSpan.FromMilliseconds(100));
            }
            catch (KafkaException refused)
            {
                throw new IOException($"{partition}: {refused.Error.Reason}", refused);
            }
        }
    }

    /// <summary>The lane that a journal's record is of.</summary>
    public static string LaneOf(string key) => IsWhole(key) ? key[..^WholeEnding.Length] : key;

    /// <summary>True for a record that stands for all of its lane's before it.</summary>
    public static bool IsWhole(string key) => key.EndsWith(WholeEnding, StringComparison.Ordinal);

    /// <summary>Deletes what no lane needs any more from the beginning of a partition of the journal: what lies before every lane's last whole journal. Only
    /// committed records count, and they go on counting, so that it does no harm from an owner that has been overtaken. Where the brokers refuse, it is left to
    /// the next time.</summary>
    /// <exception cref="IOException">The brokers do not answer.</exception>
    public void ShortenJournal(TopicPartition partition)
    {
        Dictionary<string, long> needed = new(StringComparer.Ordinal);
        foreach (ConsumeResult<string, byte[]?> record in Read(partition))
        {
            string lane = LaneOf(record.Message.Key);
            if (IsWhole(record.Message.Key) || !needed.ContainsKey(lane))
            {
                needed[lane] = record.Offset;
            }
        }

        try
        {
            using IAdminClient admin = new AdminClientBuilder(KafkaClient.ForProducer(_kafka)).SetErrorHandler(static (_, _) => { }).Build();
#pragma warning disable VSTHRD002 // On a thread of the lanes', which nothing of ours has to come back to.
            admin.DeleteRecordsAsync([new(partition, needed.Values.Min())], new() { RequestTimeout = Patience }).GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
        }
        catch (KafkaException)
        {
            return;
        }
    }

    /// <summary>Writes in one transaction: all of it is there, or nothing.</summary>
    /// <exception cref="IOException">The brokers refused, or a later owner has taken over.</exception>
    public static void Transact(IProducer<string, byte[]> producer, Action<Action<TopicPartition, string, byte[]?>> write)
    {
        try
        {
            producer.BeginTransaction();
            write((partition, key, value) => Produce(producer, partition, key, value));
            producer.CommitTransaction();
        }
        catch (KafkaTxnRequiresAbortException aborted)
        {
            producer.AbortTransaction();
            throw new IOException(aborted.Error.Reason, aborted);
        }
        catch (KafkaException refused) when (refused.Error.Code is ErrorCode.Local_Fenced or ErrorCode.ProducerFenced or ErrorCode.InvalidProducerEpoch)
        {
            throw new LaneTakenException("a later owner has taken this lane; nothing more is written", refused);
        }
        catch (KafkaException refused)
        {
            throw new IOException($"{refused.Error.Reason} ({refused.Error.Code})", refused);
        }
    }

    /// <summary>Hands a message to the producer, waiting while its queue is full.</summary>
    public static void Produce(IProducer<string, byte[]> producer, TopicPartition partition, string key, byte[]? value)
    {
        while (true)
        {
            try
            {
                producer.Produce(partition, new() { Key = key, Value = value! });
                return;
            }
            catch (ProduceException<string, byte[]> full) when (full.Error.Code == ErrorCode.Local_QueueFull)
            {
                producer.Flush(TimeSpan.FromMilliseconds(50));
            }
        }
    }

    bool IsModels(string topic) => string.Equals(topic, ModelTopic, StringComparison.Ordinal);

    // Before anything else runs: there is nobody to wait for us.
#pragma warning disable VSTHRD002
    void Find(IAdminClient admin, string topic, string cleanup)
    {
        try
        {
            admin.CreateTopicsAsync([new()
            {
                Name = topic,
                NumPartitions = IsModels(topic) ? 1 : _options.TopicPartitions,
                Configs = new(StringComparer.Ordinal) { ["cleanup.policy"] = cleanup, ["retention.ms"] = "-1", ["retention.bytes"] = "-1" },
            }]).GetAwaiter().GetResult();
        }
        catch (CreateTopicsException exists) when (exists.Results.TrueForAll(static made => made.Error.Code == ErrorCode.TopicAlreadyExists))
        {
            string policy = admin.DescribeConfigsAsync([new() { Type = ResourceType.Topic, Name = topic }]).GetAwaiter().GetResult()[0].Entries["cleanup.policy"].Value;
            int partitions = admin.GetMetadata(topic, Patience).Topics[0].Partitions.Count;
            if (!string.Equals(policy, cleanup, StringComparison.Ordinal) || (!IsModels(topic) && partitions != _options.TopicPartitions))
            {
                throw new InvalidOperationException(
                    $"topic {topic} has cleanup.policy {policy} and {partitions} partitions; state.store needs {cleanup} and {_options.TopicPartitions} (state.topicPartitions).", exists);
            }
        }
        catch (KafkaException refused)
        {
            throw new InvalidOperationException($"topic {topic} cannot be made: {refused.Error.Reason} ({refused.Error.Code}).", refused);
        }
    }
#pragma warning restore VSTHRD002
}
