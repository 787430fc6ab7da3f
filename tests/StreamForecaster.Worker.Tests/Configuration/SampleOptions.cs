using System.ComponentModel.DataAnnotations;
using StreamForecaster.Worker.Configuration;

namespace StreamForecaster.Worker.Tests.Configuration;

/// <summary>One of every kind of setting.</summary>
sealed record SampleOptions
{
    public int Count { get; init; } = 3;

    [Range(0.0, 1.0)]
    public double Share { get; init; } = 0.5;

    public bool On { get; init; } = true;

    public string Name { get; init; } = "plain";

    public string? Maybe { get; init; }

    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Wait { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan? Limit { get; init; }

    public DeliveryChoice Delivery { get; init; } = DeliveryChoice.AtLeastOnce;

    [Range(1, 9)]
    public IReadOnlyList<int> Numbers { get; init; } = [1, 2];

    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public InnerOptions Inner { get; init; } = new() { Depth = 7 };

    public IReadOnlyList<InnerOptions> Many { get; init; } = [];
}

sealed record InnerOptions : IValidatableObject
{
    public int Depth { get; init; } = 1;

    public int Floor { get; init; }

    [Secret, MinLength(4)]
    public string? Token { get; init; }

    public string? TokenFile { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Floor > Depth)
        {
            yield return new($"value {Floor} is not at or above depth; allowed: at most {Depth}", [nameof(Floor)]);
        }
    }
}

enum DeliveryChoice
{
    AtLeastOnce,
    ExactlyOnce,
}
