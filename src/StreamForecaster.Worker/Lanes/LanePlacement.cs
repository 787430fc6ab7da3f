using System.Globalization;
using StreamForecaster.Grouping;

namespace StreamForecaster.Worker.Lanes;

/// <summary>Whether a series belongs in a lane's partition, where the topic is keyed by placement: told from the key alone, so that it is the same whoever owns
/// the lane, and whatever the other lanes have seen.</summary>
/// <param name="tags">The placement key's tags.</param>
/// <param name="partition">The lane's partition.</param>
/// <param name="partitions">How many the topic has.</param>
sealed class LanePlacement(IReadOnlyList<string> tags, int partition, int partitions)
{
    /// <summary>Why the series does not belong here, with the remedy; null where it does.</summary>
    public string? Trouble(ReadOnlySpan<byte> series)
    {
        int due = PlacementKey.PartitionOf(PlacementKey.Of(series, tags), partitions);
        return due == partition ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"not-keyed: by series.placementKey this series belongs in partition {due} of {partitions}; key the producer's records by it, or let the role repartition write the topic");
    }
}
