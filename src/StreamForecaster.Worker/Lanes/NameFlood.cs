using System.Globalization;
using StreamForecaster.Decoding;

namespace StreamForecaster.Worker.Lanes;

/// <summary>Says of which tag a flood of new series is made: the key that has the most values among them.</summary>
static class NameFlood
{
    /// <summary>The worst tag in words, or null where the series do not differ by a tag.</summary>
    /// <param name="keys">Keys of series that came lately.</param>
    public static string? Describe(IEnumerable<byte[]> keys)
    {
        Dictionary<(string Name, string Tag), HashSet<string>> values = [];
        int count = 0;
        foreach (byte[] key in keys)
        {
            SeriesIdentity series = SeriesIdentity.Parse(key);
            count++;
            foreach ((string tag, string value) in series.Tags)
            {
                if (!values.TryGetValue((series.Name, tag), out HashSet<string>? seen))
                {
                    values.Add((series.Name, tag), seen = new(StringComparer.Ordinal));
                }

                seen.Add(value);
            }
        }

        ((string Name, string Tag) worst, HashSet<string>? most) = values
            .OrderByDescending(static pair => pair.Value.Count)
            .ThenBy(static pair => pair.Key.Name, StringComparer.Ordinal)
            .ThenBy(static pair => pair.Key.Tag, StringComparer.Ordinal)
            .FirstOrDefault();
        return most is { Count: > 1 }
            ? string.Create(CultureInfo.InvariantCulture, $"tag '{worst.Tag}' of '{worst.Name}' has {most.Count} values among the last {count} new series")
            : null;
    }
}
