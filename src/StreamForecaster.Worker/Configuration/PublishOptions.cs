using System.ComponentModel.DataAnnotations;

namespace StreamForecaster.Worker.Configuration;

/// <summary>Which results are published; the page shows all horizons regardless.</summary>
public sealed record PublishOptions
{
    /// <summary>The horizons, in steps ahead, whose forecasts are published; empty: the first and the last.</summary>
    [Range(1, 1024)]
    public IReadOnlyList<int> Horizons { get; init; } = [];

    /// <summary>Forecasts are published at every n-th step of a series, counted from the epoch.</summary>
    [Range(1, 1_000_000)]
    public int Every { get; init; } = 1;

    /// <summary>Which scores are published.</summary>
    public PublishedScores Scores { get; init; } = PublishedScores.All;
}

/// <summary>Which scores are published.</summary>
public enum PublishedScores
{
    /// <summary>One for every closed step.</summary>
    All,

    /// <summary>Those of anomalous steps only; events are published in any case.</summary>
    Anomalous,
}
