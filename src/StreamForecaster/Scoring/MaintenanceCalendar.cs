using System.ComponentModel.DataAnnotations;
using StreamForecaster.Forecasting;

namespace StreamForecaster.Scoring;

/// <summary>
/// A time in which nothing is alarmed and nothing learned: once (<see cref="From"/> to <see cref="Until"/>), or again and
/// again (<see cref="Days"/>, <see cref="Start"/>, <see cref="Duration"/>, in the series group's time zone).
/// </summary>
public sealed record MaintenanceWindow
{
    /// <summary>The first moment of a window that happens once.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The moment after a window that happens once.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The days on which a recurring window starts; empty: every day.</summary>
    public IReadOnlyList<DayOfWeek> Days { get; init; } = [];

    /// <summary>When a recurring window starts, local time.</summary>
    public TimeOnly Start { get; init; }

    /// <summary>How long a recurring window lasts; it may reach into the next day. Zero: it does not recur.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan Duration { get; init; }
}

/// <summary>Says which steps fall into maintenance.</summary>
public sealed class MaintenanceCalendar(IReadOnlyList<MaintenanceWindow> windows)
{
    const int DaySeconds = 86_400;

    readonly Once[] _once = [.. windows.Where(window => window.From is not null || window.Until is not null).Select(Single)];
    readonly Again[] _again = [.. windows.Where(window => window.Duration > TimeSpan.Zero).Select(Recurring)];

    /// <summary>Whether the step begins within a maintenance window.</summary>
    public bool IsMuted(in StepTime time)
    {
        foreach (var (from, until) in _once)
        {
            if (time.UnixNs >= from && time.UnixNs < until)
            {
                return true;
            }
        }

        foreach (var (days, start, length) in _again)
        {
            // Seconds since the window's last start, today or yesterday.
            var since = time.SecondOfDay - start;
            var day = since >= 0 ? time.DayOfWeek : (time.DayOfWeek + 6) % 7;
            since += since >= 0 ? 0 : DaySeconds;
            if (since < length && ((days >> day) & 1) != 0)
            {
                return true;
            }
        }

        return false;
    }

    static Once Single(MaintenanceWindow window) =>
        new(Nanoseconds(window.From) ?? long.MinValue, Nanoseconds(window.Until) ?? long.MaxValue);

    static long? Nanoseconds(DateTimeOffset? moment) =>
        moment is { } when ? (when - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick : null;

    static Again Recurring(MaintenanceWindow window)
    {
        var days = window.Days.Count == 0 ? 0x7F : window.Days.Aggregate(0, (mask, day) => mask | (1 << (int)day));
        return new Again(days, (int)window.Start.ToTimeSpan().TotalSeconds, (int)window.Duration.TotalSeconds);
    }

    readonly record struct Once(long FromNs, long UntilNs);

    readonly record struct Again(int Days, int StartSecond, int Seconds);
}
