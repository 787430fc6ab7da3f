using System.Text;
using StreamForecaster.Decoding;
using StreamForecaster.State;

namespace StreamForecaster.Worker.Ingestion.Repartition;

/// <summary>The placement key of each series: the values of the configured tags that it has; the whole series where it has none.</summary>
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

            SeriesIdentity identity = SeriesIdentity.Parse(series);
            string[] values = [.. tags.Select(identity.Tag).OfType<string>()];
            _known[hash] = key = values.Length == 0 ? series.ToArray() : Encoding.UTF8.GetBytes(string.Join('/', values));
        }

        return key;
    }
}
