using StreamForecaster.Worker.Ingestion;

namespace StreamForecaster.Worker.Publishing.Kafka;

/// <summary>Produces results as JSON, keyed by series, to the topics of forecasts, anomalies and events.</summary>
public sealed class KafkaSink(KafkaSinkOptions options, KafkaOptions? source, SinkContext context, ISink? deadLetters)
    : KafkaTopicSink($"kafka:{options.Name}", options.ForProducer(source), options.QueueBytes, options.Spool, context, deadLetters)
{
    private protected override ByteBuffer Part(ResultBatch batch) => batch.Messages;

    private protected override void Read(ReadOnlySpan<byte> part, List<KafkaMessage> messages) => Read(part, options, messages);

    /// <summary>Makes messages of lines.</summary>
    // kind TAB key TAB json LF
    internal static void Read(ReadOnlySpan<byte> part, KafkaSinkOptions options, List<KafkaMessage> messages)
    {
        while (!part.IsEmpty)
        {
            ReadOnlySpan<byte> keyAndRest = part[2..];
            int key = keyAndRest.IndexOf((byte)'\t');
            ReadOnlySpan<byte> valueAndRest = keyAndRest[(key + 1)..];
            int value = valueAndRest.IndexOf((byte)'\n');
            string topic = part[0] switch
            {
                (byte)'f' => options.ForecastTopic,
                (byte)'a' => options.AnomalyTopic,
                _ => options.EventTopic,
            };
            messages.Add(new(topic, keyAndRest[..key].ToArray(), valueAndRest[..value].ToArray()));
            part = valueAndRest[(value + 1)..];
        }
    }
}
