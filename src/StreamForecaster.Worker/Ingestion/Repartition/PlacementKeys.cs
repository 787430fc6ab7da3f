using StreamForecaster.Grouping;
using StreamForecaster.State;

namespace StreamForecaster.Worker.Ingestion.Repartition;

/// <summary>The placement key of each series (<see cref="PlacementKey"/>), found once.</summary>
sealed class PlacementKeys(IReadOnlyList<string> tags)
{
    // A flood of names must not become a flood of memory.
    const int Remembered = 1_000_000;

    readonly Dictionary<ulong, byte[]> _known = [];

    /// <summary>The placement key of a series key.</summary>
    public byte[] Of(ReadOnlySpan<byte> series)
    {
        ulong hash = KeyHash.Of(series);
        if (!_known.TryGetValue(hash, out byte[]? key))
        {
            if (_known.Count >= Remembered)
            {
                _known.Clear();
            }

            _known[hash] = key = PlacementKey.Of(series, tags);
        }

        return key;
    }
}
