using System.ComponentModel.DataAnnotations;

namespace StreamForecaster.Scoring;

/// <summary>Which series are scored together as well: small deviations of many at once are one alarm, by the settings of <c>score</c>.</summary>
public sealed record CohortOptions : IValidatableObject
{
    /// <summary>The tag that tells cohorts of different steps apart.</summary>
    public const string StepTag = "step";

    /// <summary>The tag that tells apart what partitions have of a host whose series come in several: each is a cohort of its own.</summary>
    public const string PartitionTag = "partition";

    /// <summary>Series with the same values of these tags, and the same step, are scored together (of those that they have; without any, a series is
    /// scored alone); those of each partition for themselves (<c>series.placementKey</c> brings them into one). Empty: none are.</summary>
    public IReadOnlyList<string> By { get; init; } = ["host"];

    /// <summary>Cohorts in one partition; beyond it a new one takes the place of one long silent, or is refused and counted.</summary>
    [Range(1, 10_000)]
    public int Limit { get; init; } = 4096;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        for (int i = 0; i < By.Count; i++)
        {
            if (By[i] is StepTag or PartitionTag or "" || By.Take(i).Contains(By[i], StringComparer.Ordinal))
            {
                yield return new($"value \"{By[i]}\" is no tag of its own; allowed: different tags, not \"{StepTag}\" and \"{PartitionTag}\"", [$"by[{i}]"]);
            }
        }
    }
}
