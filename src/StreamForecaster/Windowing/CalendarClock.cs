using StreamForecaster.Alignment;
using StreamForecaster.Forecasting;

namespace StreamForecaster.Windowing;

/// <summary>Tells where a step falls in the local day and week of a series group's time zone.</summary>
public sealed class CalendarClock(TimeZoneInfo zone)
{
    const long Second = 1_000_000_000;
    const int SecondsOfDay = 86_400;

    // 1970-01-01 was a Thursday.
    const int FirstDay = 4;

    readonly bool _isUtc = zone.BaseUtcOffset == TimeSpan.Zero && !zone.SupportsDaylightSavingTime;
    long _quarter = long.MinValue;
    long _offsetSeconds;

    /// <summary>The time of step <paramref name="index"/>. Steps shorter than a second count as one second long.</summary>
    public StepTime At(long index, long stepNs)
    {
        long startNs = index * stepNs;
        long seconds = FloorDivision.Of(startNs, Second);
        long local = seconds + (_isUtc ? 0 : OffsetAt(seconds));
        long day = FloorDivision.Of(local, SecondsOfDay);
        int dayOfWeek = (int)((((day + FirstDay) % 7) + 7) % 7);
        return new(startNs, (int)(local - (day * SecondsOfDay)), dayOfWeek, index, (int)Math.Max(1, stepNs / Second));
    }

    // Offsets change on whole quarter hours at the most: one look-up serves 15 minutes.
    long OffsetAt(long seconds)
    {
        long quarter = FloorDivision.Of(seconds, 900);
        if (quarter != _quarter)
        {
            _quarter = quarter;
            long clamped = Math.Clamp(quarter * 900, -62_000_000_000, 253_000_000_000);
            _offsetSeconds = (long)zone.GetUtcOffset(DateTimeOffset.FromUnixTimeSeconds(clamped)).TotalSeconds;
        }

        return _offsetSeconds;
    }
}
