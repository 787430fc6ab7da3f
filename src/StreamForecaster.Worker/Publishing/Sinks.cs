using StreamForecaster.Worker.Configuration;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Publishing.Files;
using StreamForecaster.Worker.Publishing.Influx;
using StreamForecaster.Worker.Publishing.Kafka;

namespace StreamForecaster.Worker.Publishing;

/// <summary>From settings to sinks.</summary>
public static class Sinks
{
    /// <summary>Opens all configured sinks. The dead letters are the last: the others hand refused lines to them, so they are flushed and
    /// disposed after the others.</summary>
    /// <param name="options">What is configured.</param>
    /// <param name="context">Time, logs, metrics, seed.</param>
    /// <param name="source">The cluster that the records come from, for Kafka sinks that name no brokers; null where there is none.</param>
    /// <exception cref="InvalidOperationException">A sink cannot start (token not right, no Kafka library); one clear line.</exception>
    /// <exception cref="IOException">A spool's folder cannot be opened, or another process has it.</exception>
    /// <param name="group">The consumer's place in its group, for transactions.</param>
    public static IReadOnlyList<ISink> Open(
        SinksOptions options, SinkContext context, KafkaOptions? source = null, Func<Confluent.Kafka.IConsumerGroupMetadata?>? group = null)
    {
        DeadLetterOptions aside = options.DeadLetters;
        ISink deadLetters = aside.Topic.Length > 0
            ? new KafkaDeadLetterSink(aside.Topic, new() { QueueBytes = aside.QueueBytes }, source, context)
            : new DeadLetterFileSink(new() { Name = "files", Directory = aside.Directory, QueueBytes = aside.QueueBytes }, context);
        ISink[] sinks =
        [
            .. options.Files.Select(files => new LineProtocolFileSink(files, context)),
            .. options.Influx.Select(influx => new InfluxSink(influx, context, deadLetters)),
            .. options.Kafka.Select(kafka => Open(kafka, context, source, group, deadLetters)),
            deadLetters,
        ];
        foreach (KafkaTransactionSink committing in sinks.OfType<KafkaTransactionSink>())
        {
            committing.Marks = offsets => sinks.All(sink => sink.BeforeCommit(offsets));
        }

        return sinks;
    }

    static ISink Open(
        KafkaSinkOptions options, SinkContext context, KafkaOptions? source, Func<Confluent.Kafka.IConsumerGroupMetadata?>? group, ISink deadLetters) =>
        options.Delivery == Delivery.AtLeastOnce ? new KafkaSink(options, source, context, deadLetters)
        : source is not null && group is not null ? new KafkaTransactionSink(options, source, group, context, deadLetters)
        : throw new InvalidOperationException($"kafka:{options.Name}: exactly-once needs records that come from Kafka.");
}
