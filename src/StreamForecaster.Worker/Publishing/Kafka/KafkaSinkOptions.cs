using System.ComponentModel.DataAnnotations;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Publishing.Spooling;

namespace StreamForecaster.Worker.Publishing.Kafka;

/// <summary>How often a result may be in a topic.</summary>
public enum Delivery
{
    /// <summary>After a fault, some again: byte for byte the same, told by key and time.</summary>
    AtLeastOnce,

    /// <summary>Once, for a reader with <c>isolation.level=read_committed</c>: results and offsets are one transaction.</summary>
    ExactlyOnce,
}

/// <summary>Results as JSON messages, keyed by series.</summary>
public sealed record KafkaSinkOptions : IValidatableObject
{
    /// <summary>Tells sinks apart in logs and metrics.</summary>
    [Required]
    [RegularExpression("[A-Za-z0-9_.-]+")]
    public string Name { get; init; } = "default";

    /// <summary>Brokers to ask first, <c>host:port</c> with commas between; empty: those that the records come from, with the same client settings.</summary>
    public string BootstrapServers { get; init; } = "";

    /// <summary>How often a result may be there. Exactly once needs the cluster that the records come from, and has no spool.</summary>
    public Delivery Delivery { get; init; }

    /// <summary>The topic of forecasts.</summary>
    [Required]
    public string ForecastTopic { get; init; } = "forecasts";

    /// <summary>The topic of anomaly scores.</summary>
    [Required]
    public string AnomalyTopic { get; init; } = "anomalies";

    /// <summary>The topic of events; they alone have an <c>end_time</c>.</summary>
    [Required]
    public string EventTopic { get; init; } = "anomalies";

    /// <summary>Bytes taken and not yet delivered from which on the partitions pause; half of it is where the spool begins.</summary>
    [Range(4096, 1L << 40)]
    public long QueueBytes { get; init; } = 64L << 20;

    /// <summary>Where results wait on disk while the brokers are away.</summary>
    [Required]
    public SpoolOptions Spool { get; init; } = new();

    /// <summary>Any librdkafka setting by its own name; it wins over the daemon's.</summary>
    public IReadOnlyDictionary<string, string> Client { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Delivery == Delivery.ExactlyOnce && BootstrapServers.Length > 0)
        {
            yield return new("results go out exactly once only where the records come from; allowed with exactly-once: nothing", [nameof(BootstrapServers)]);
        }

        if (Delivery == Delivery.ExactlyOnce && Spool.Directory.Length > 0)
        {
            yield return new("a result in a spool is not in a transaction; allowed with exactly-once: no spool directory", [nameof(Spool)]);
        }
    }

    internal Confluent.Kafka.ProducerConfig ForProducer(KafkaOptions? source)
    {
        KafkaOptions cluster = BootstrapServers.Length > 0 || source is null ? new() { BootstrapServers = BootstrapServers } : source;
        Confluent.Kafka.ProducerConfig config = KafkaClient.ForProducer(cluster);
        config.Acks = Confluent.Kafka.Acks.All;
        config.EnableIdempotence = true;

        // A message is given up by nobody: it waits, and with it its offset.
        config.MessageTimeoutMs = 0;
        foreach ((string name, string value) in Client)
        {
            config.Set(name, value);
        }

        return config;
    }
}
