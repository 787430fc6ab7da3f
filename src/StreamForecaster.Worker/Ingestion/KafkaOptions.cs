using System.ComponentModel.DataAnnotations;
using StreamForecaster.Worker.Configuration;

namespace StreamForecaster.Worker.Ingestion;

/// <summary>What happens when the offset to read from is no longer (or not yet) in the partition.</summary>
public enum OffsetLoss
{
    /// <summary>The daemon says how many records were lost and ends.</summary>
    Stop,

    /// <summary>It says so and goes on with the oldest record there is.</summary>
    Earliest,

    /// <summary>It says so and goes on with records that are yet to come.</summary>
    Latest,
}

/// <summary>What happens when a topic has another number of partitions than when it was first read.</summary>
public enum PartitionsChanged
{
    /// <summary>The daemon says so and ends.</summary>
    Stop,

    /// <summary>It says so and goes on: series whose keys have moved begin anew in their partition.</summary>
    Continue,
}

/// <summary>How records are read from Kafka.</summary>
public sealed record KafkaOptions : IValidatableObject
{
    /// <summary>Brokers to ask first: <c>host:port</c>, several separated by commas.</summary>
    [Required]
    public string BootstrapServers { get; init; } = "127.0.0.1:9092";

    /// <summary>Topics to read: names, or patterns (POSIX extended regular expressions) that start with <c>^</c>.</summary>
    [Required, MinLength(1)]
    public string[] Topics { get; init; } = ["metrics"];

    /// <summary>The consumer group; processes of one group share the partitions.</summary>
    [Required]
    public string GroupId { get; init; } = "streamforecaster";

    /// <summary>Makes this process a static member of the group (one value per process): a restart within the session time-out
    /// moves no partitions.</summary>
    public string? InstanceId { get; init; }

    /// <summary>Where a partition without a committed offset starts: <c>earliest</c>, <c>latest</c>, a time such as
    /// <c>2026-01-31T12:00:00Z</c>, or a duration back from now such as <c>-24h</c>.</summary>
    public string Start { get; init; } = "latest";

    /// <summary>What happens when the offset to read from is out of range: expired records, or a topic made anew.</summary>
    public OffsetLoss OnOffsetLoss { get; init; }

    /// <summary>What happens when a topic has another number of partitions than when it was first read: keys then lie in other partitions.</summary>
    public PartitionsChanged OnPartitionsChanged { get; init; }

    /// <summary>How often acknowledged offsets are committed. 5 s is Kafka's own default for automatic commits.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan CommitInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A partition at its end and silent for so long (wall clock) tells its lane; again after as long.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan IdleAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often missing topics, and new ones for a pattern, are looked for.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan TopicRefresh { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A larger value, as it comes or once inflated, becomes a dead letter with its first bytes. Eight times Kafka's own default limit.</summary>
    [Range(1024, 1024 * 1024 * 1024)]
    public int MaxRecordBytes { get; init; } = Decoding.RecordDecoder.UsualRecordBytes;

    /// <summary>The most records handed to a lane at once.</summary>
    [Range(1, 100_000)]
    public int MaxBatchRecords { get; init; } = 500;

    /// <summary>The password for SASL (<c>sasl.password</c>).</summary>
    [Secret]
    public string? SaslPassword { get; init; }

    /// <summary>A file that holds the password instead.</summary>
    public string? SaslPasswordFile { get; init; }

    /// <summary>Any librdkafka setting by its own name, such as <c>security.protocol</c>, <c>sasl.mechanisms</c>,
    /// <c>ssl.ca.location</c>; it wins over the settings above, except those that decide about offsets and commits.</summary>
    public IReadOnlyDictionary<string, string> Client { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!StartPosition.TryParse(Start, out _))
        {
            yield return new($"'{Start}' is not a start position: {StartPosition.Allowed}.", [nameof(Start)]);
        }

        foreach (string name in Client.Keys.Where(KafkaClient.IsOurs))
        {
            yield return new($"'{name}' cannot be set here: who reads what, offsets and commits are the daemon's own.", [nameof(Client)]);
        }

        foreach (string topic in Topics.Where(string.IsNullOrWhiteSpace))
        {
            yield return new($"'{topic}' is not a topic's name.", [nameof(Topics)]);
        }
    }
}
