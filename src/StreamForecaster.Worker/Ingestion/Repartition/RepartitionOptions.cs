namespace StreamForecaster.Worker.Ingestion.Repartition;

/// <summary>The role <c>repartition</c>: topics whose records are keyed by something else are written anew, keyed by the placement key
/// (<c>series.placementKey</c>), so that what must be seen together is in one partition.</summary>
public sealed record RepartitionOptions
{
    /// <summary>The topics to read, names or patterns as in <c>kafka.topics</c>.</summary>
    public string[] From { get; init; } = [];

    /// <summary>The topic to write: the one that forecasters read. It must exist.</summary>
    public string To { get; init; } = "";
}
