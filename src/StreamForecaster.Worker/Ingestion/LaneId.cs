namespace StreamForecaster.Worker.Ingestion;

/// <summary>One input partition; its processing is a lane.</summary>
public readonly record struct LaneId(string Topic, int Partition)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Topic}-{Partition}";
}
