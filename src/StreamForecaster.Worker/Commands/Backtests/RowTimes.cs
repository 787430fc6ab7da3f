using System.Globalization;
using StreamForecaster.Forecasting;
using StreamForecaster.Windowing;
using StreamForecaster.Worker.Ingestion.Replay;

namespace StreamForecaster.Worker.Commands.Backtests;

/// <summary>The times of a table's rows while it is read.</summary>
sealed class RowTimes
{
    readonly List<long> _times = [];
    int _backwards;
    string _firstBackwards = "";

    /// <summary>Rows so far.</summary>
    public int Count => _times.Count;

    /// <summary>That rows are not in time order; null where they are.</summary>
    public string? Note => _backwards == 0 ? null : string.Create(
        CultureInfo.InvariantCulture,
        $"{_backwards} rows are earlier than the row before them, the first on {_firstBackwards}; rows should be in time order, and are taken in the file's order");

    /// <summary>Adds a row's time; false where the text is none.</summary>
    public bool TryAdd(string text, int line)
    {
        if (!TimeColumn.TryParse(text, out long timestampNs))
        {
            return false;
        }

        if (_times.Count > 0 && timestampNs < _times[^1] && _backwards++ == 0)
        {
            _firstBackwards = string.Create(CultureInfo.InvariantCulture, $"line {line} ({text})");
        }

        _times.Add(timestampNs);
        return true;
    }

    /// <summary>Evenly spaced steps from the first row's time on, as long as the most frequent difference.</summary>
    public StepTime[] ToClock()
    {
        long step = StepNs(_times) ?? 1_000_000_000;
        CalendarClock calendar = new(TimeZoneInfo.Utc);
        long first = _times[0] / step;
        return [.. Enumerable.Range(0, Count).Select(row => calendar.At(first + row, step))];
    }

    /// <summary>The most frequent difference between one time and the next; null where none is above zero.</summary>
    public static long? StepNs(IReadOnlyList<long> times) => Enumerable.Range(1, Math.Max(times.Count - 1, 0))
        .Select(i => times[i] - times[i - 1]).Where(difference => difference > 0)
        .GroupBy(difference => difference).OrderByDescending(group => group.Count()).ThenBy(group => group.Key)
        .Select(group => (long?)group.Key).FirstOrDefault();
}
