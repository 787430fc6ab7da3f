using System.ComponentModel.DataAnnotations;
using StreamForecaster.Worker.Publishing;
using StreamForecaster.Worker.Publishing.Influx;
using StreamForecaster.Worker.Publishing.Kafka;

namespace StreamForecaster.Worker.Configuration;

/// <summary>Where results go. Any number of each kind; they are independent of each other.</summary>
public sealed record SinksOptions : IValidatableObject
{
    /// <summary>InfluxDB servers, and what speaks their line protocol.</summary>
    public IReadOnlyList<InfluxOptions> Influx { get; init; } = [];

    /// <summary>Folders that line protocol is written into.</summary>
    public IReadOnlyList<FileSinkOptions> Files { get; init; } = [];

    /// <summary>Kafka topics of results as JSON.</summary>
    public IReadOnlyList<KafkaSinkOptions> Kafka { get; init; } = [];

    /// <summary>Dead letters: what could not be read, and what a server refused for good.</summary>
    public DeadLetterOptions DeadLetters { get; init; } = new();

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Kafka.Count(static kafka => kafka.Delivery == Delivery.ExactlyOnce) > 1)
        {
            yield return new("offsets can be in one transaction only; allowed: one sink with exactly-once", [nameof(Kafka)]);
        }

        string[] names =
        [
            .. Influx.Select(static influx => $"influx:{influx.Name}"),
            .. Files.Select(static files => $"files:{files.Name}"),
            .. Kafka.Select(static kafka => $"kafka:{kafka.Name}"),
        ];
        foreach (string name in names.CountBy(static name => name).Where(static same => same.Value > 1).Select(static same => same.Key))
        {
            yield return new($"two sinks are named \"{name}\"; allowed: a name of its own for each of a kind");
        }
    }
}
