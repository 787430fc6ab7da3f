using System.ComponentModel.DataAnnotations;

namespace StreamForecaster.Worker.Publishing;

/// <summary>Where records that cannot be read, and results that a sink's far end refuses for good, are put aside with the reason.</summary>
public sealed record DeadLetterOptions : IValidatableObject
{
    /// <summary>The folder of <c>*.jsonl</c> files; empty where a topic is given.</summary>
    public string Directory { get; init; } = "data/dead-letters";

    /// <summary>A topic of the cluster that the records come from, instead of the folder.</summary>
    public string Topic { get; init; } = "";

    /// <summary>Bytes taken and not yet written from which on the partitions pause.</summary>
    [Range(4096, 1L << 40)]
    public long QueueBytes { get; init; } = 16L << 20;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Directory.Length == 0 && Topic.Length == 0)
        {
            yield return new("dead letters must go somewhere; allowed: a directory, or a topic", [nameof(Directory)]);
        }
    }
}
