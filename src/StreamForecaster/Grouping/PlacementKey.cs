using System.Buffers.Binary;
using System.Text;
using StreamForecaster.Decoding;

namespace StreamForecaster.Grouping;

/// <summary>Which partition a series belongs in: a pure function of its key, the configured tags and the number of partitions.</summary>
public static class PlacementKey
{
    /// <summary>The placement key of a series: the values of the tags that it has, joined by a slash; the whole series where it has none.</summary>
    /// <exception cref="FormatException">It is no series key.</exception>
    public static byte[] Of(ReadOnlySpan<byte> series, IReadOnlyList<string> tags)
    {
        SeriesIdentity identity = SeriesIdentity.Parse(series);
        string[] values = [.. tags.Select(identity.Tag).OfType<string>()];
        return values.Length == 0 ? series.ToArray() : Encoding.UTF8.GetBytes(string.Join('/', values));
    }

    /// <summary>The partition that Kafka's own clients choose for a key: MurmurHash2 without its sign, modulo the number of partitions.</summary>
    /// <param name="key">The key's bytes.</param>
    /// <param name="partitions">The number of partitions, at least 1.</param>
    public static int PartitionOf(ReadOnlySpan<byte> key, int partitions) => (int)(Murmur2(key) & 0x7fffffff) % partitions;

    /// <summary>MurmurHash2 of 32 bits (Appleby 2008) with the seed of Kafka's clients.</summary>
    public static uint Murmur2(ReadOnlySpan<byte> bytes)
    {
        const uint Seed = 0x9747b28c, Multiplier = 0x5bd1e995;
        uint hash = Seed ^ (uint)bytes.Length;
        while (bytes.Length >= sizeof(uint))
        {
            uint word = BinaryPrimitives.ReadUInt32LittleEndian(bytes) * Multiplier;
            hash = (hash * Multiplier) ^ ((word ^ (word >> 24)) * Multiplier);
            bytes = bytes[sizeof(uint)..];
        }

        if (bytes.Length > 0)
        {
            uint tail = 0;
            for (int i = 0; i < bytes.Length; i++)
            {
                tail |= (uint)bytes[i] << (8 * i);
            }

            hash = (hash ^ tail) * Multiplier;
        }

        hash = (hash ^ (hash >> 13)) * Multiplier;
        return hash ^ (hash >> 15);
    }
}
