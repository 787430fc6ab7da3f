using System.Globalization;

namespace StreamForecaster.Worker.Ingestion.Replay;

/// <summary>Times as files have them: text, UTC where it names no zone, or a number whose size tells its unit.</summary>
static class TimeColumn
{
    static readonly string[] Names = ["timestamp", "time", "ts", "date", "datetime"];

    /// <summary>What is read, in words.</summary>
    internal const string Allowed = "2024-01-31 13:45 or another form of ISO 8601, 01/31/2024 13:45 (month first), or a number of s, ms, µs or ns since 1970";

    /// <summary>The index of the time column: the first with a usual name, else the first column.</summary>
    internal static int Find(List<string> header) =>
        Math.Max(0, header.FindIndex(name => Names.Contains(name.Trim(), StringComparer.OrdinalIgnoreCase)));

    /// <summary>Unix nanoseconds of a time written in a file.</summary>
    internal static bool TryParse(string text, out long timestampNs)
    {
        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal | DateTimeStyles.AllowWhiteSpaces;
        timestampNs = 0;
        if (decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number))
        {
            return Math.Abs(number) <= long.MaxValue && TryScale(number, out timestampNs);
        }

        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, Utc, out DateTimeOffset time)
            || time.Year is < 1678 or > 2261)
        {
            return false;
        }

        timestampNs = (time - DateTimeOffset.UnixEpoch).Ticks * 100;
        return true;
    }

    /// <summary>A number of seconds, milliseconds, microseconds or nanoseconds, told apart by magnitude; false for times that 64 bits
    /// of nanoseconds do not hold.</summary>
    internal static bool TryScale(decimal number, out long timestampNs)
    {
        decimal scale = Math.Abs(number) switch
        {
            < 100_000_000_000m => 1_000_000_000,
            < 100_000_000_000_000m => 1_000_000,
            < 100_000_000_000_000_000m => 1_000,
            _ => 1,
        };
        decimal nanoseconds = number * scale;
        bool holds = Math.Abs(nanoseconds) < long.MaxValue;
        timestampNs = holds ? (long)nanoseconds : 0;
        return holds;
    }
}
