using Confluent.Kafka;

namespace StreamForecaster.Worker.Ingestion;

// Where a lane without state begins.
sealed partial class KafkaReader
{
    // The first record whose timestamp is less than a time before that of the last record before an offset. The oldest record where the broker does not tell.
    long OffsetBefore(TopicPartition partition, long offset, long oldest, TimeSpan span)
    {
        if (TimestampBefore(partition, offset, oldest) is not { Type: not TimestampType.NotAvailable } last)
        {
            return oldest;
        }

        Timestamp from = new(Math.Max(0, last.UnixTimestampMs - (long)span.TotalMilliseconds), last.Type);
        Offset found = Ask(() => _consumer.OffsetsForTimes([new(partition, from)], QueryTimeout), "offsets by time")[0].Offset;
        return found.IsSpecial ? oldest : found.Value;
    }

    // Read by a consumer of its own, which joins no group: ours is in the midst of being given its partitions.
    Timestamp? TimestampBefore(TopicPartition partition, long offset, long oldest)
    {
        ConsumerConfig config = KafkaClient.ForConsumer(_options);
        config.EnablePartitionEof = true;
        using IConsumer<Ignore, Ignore> reader = new ConsumerBuilder<Ignore, Ignore>(config).SetErrorHandler((_, error) => Report(error)).Build();
        reader.Assign(new TopicPartitionOffset(partition, Math.Max(oldest, offset - 1)));
        try
        {
            return reader.Consume(QueryTimeout) is { IsPartitionEOF: false } record ? record.Message.Timestamp : null;
        }
        catch (ConsumeException)
        {
            return null;
        }
    }
}
