using StreamForecaster.Worker.Ingestion;

namespace StreamForecaster.Worker.Publishing.Kafka;

/// <summary>Produces dead letters, a JSON object each, to one topic.</summary>
public sealed class KafkaDeadLetterSink(string topic, KafkaSinkOptions options, KafkaOptions? source, SinkContext context)
    : KafkaTopicSink($"dead-letters:{topic}", options.ForProducer(source), options.QueueBytes, options.Spool, context, deadLetters: null)
{
    private protected override ByteBuffer Part(ResultBatch batch) => batch.DeadLetters;

    private protected override void Read(ReadOnlySpan<byte> part, List<KafkaMessage> messages)
    {
        while (!part.IsEmpty)
        {
            int end = part.IndexOf((byte)'\n');
            messages.Add(new(topic, Key: null, part[..end].ToArray()));
            part = part[(end + 1)..];
        }
    }
}
