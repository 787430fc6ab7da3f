using System.Globalization;

namespace StreamForecaster.Worker.Configuration;

/// <summary>Durations as settings write them: a number and one of ms, s, m, h, d, such as <c>30s</c> or <c>1.5h</c>.</summary>
public static class Duration
{
    /// <summary>What a message offers.</summary>
    public const string Allowed = "a number with ms, s, m, h or d, such as \"30s\"";

    static readonly (string Unit, long Ticks)[] Units =
    [
        ("ms", TimeSpan.TicksPerMillisecond), ("s", TimeSpan.TicksPerSecond), ("m", TimeSpan.TicksPerMinute),
        ("h", TimeSpan.TicksPerHour), ("d", TimeSpan.TicksPerDay),
    ];

    /// <summary>Reads a duration; false where the text is none or is out of range.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        duration = default;
        foreach ((string unit, long ticks) in Units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal)
                && decimal.TryParse(text[..^unit.Length], NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out decimal number)
                && decimal.Abs(number) < 1_000_000_000_000m && decimal.Abs(number * ticks) <= TimeSpan.MaxValue.Ticks)
            {
                duration = new((long)(number * ticks));
                return true;
            }
        }

        return false;
    }

    /// <summary>Writes a duration in the largest unit that holds it whole.</summary>
    public static string Format(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero)
        {
            return "0s";
        }

        for (int i = Units.Length - 1; i >= 0; i--)
        {
            if (duration.Ticks % Units[i].Ticks == 0)
            {
                return (duration.Ticks / Units[i].Ticks).ToString(CultureInfo.InvariantCulture) + Units[i].Unit;
            }
        }

        return duration.TotalMilliseconds.ToString(CultureInfo.InvariantCulture) + "ms";
    }
}
