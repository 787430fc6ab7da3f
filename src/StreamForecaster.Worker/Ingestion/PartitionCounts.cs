using System.Globalization;
using System.Text;
using StreamForecaster.Worker.State;

namespace StreamForecaster.Worker.Ingestion;

/// <summary>How many partitions a topic had when it was first read, kept over restarts in a file of lines <c>count topic</c>: with another number, keys
/// lie in other partitions than the state of their series.</summary>
/// <param name="path">The file; null keeps them in memory.</param>
sealed class PartitionCounts(string? path)
{
    readonly Dictionary<string, int> _counts = Read(path);

    /// <summary>The number known of a topic; the first one told is remembered.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public int Known(string topic, int count)
    {
        if (_counts.TryGetValue(topic, out int known))
        {
            return known;
        }

        Set(topic, count);
        return count;
    }

    /// <summary>Takes the number for right from now on.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Set(string topic, int count)
    {
        _counts[topic] = count;
        if (path is not null)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            DurableFile.Write(path, Encoding.UTF8.GetBytes(string.Concat(_counts.Select(
                static known => string.Create(CultureInfo.InvariantCulture, $"{known.Value} {known.Key}\n")))));
        }
    }

    static Dictionary<string, int> Read(string? path)
    {
        Dictionary<string, int> counts = new(StringComparer.Ordinal);
        foreach (string line in path is not null && File.Exists(path) ? File.ReadAllLines(path) : [])
        {
            if (line.Split(' ') is [string count, string topic] && int.TryParse(count, CultureInfo.InvariantCulture, out int number))
            {
                counts[topic] = number;
            }
        }

        return counts;
    }
}
