using System.Globalization;
using StreamForecaster.Backtesting;
using StreamForecaster.Forecasting;
using StreamForecaster.Windowing;
using StreamForecaster.Worker.Ingestion.Replay;

namespace StreamForecaster.Worker.Commands.Backtests;

/// <summary>
/// Reads a CSV of series on one clock. A cell that is no number is a missing value, and a column without a number or without a
/// name (row numbers, as data frames are saved with) is no series. Fields are parted by the first comma, tab or semicolon that
/// the header has of these, in this order.
/// </summary>
static class SeriesTableReader
{
    const string Separators = ",\t;";

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="timeColumn">The time column's name; null: the first with a usual name, else the first column.</param>
    /// <param name="rows">Only the first so many rows; 0: all.</param>
    /// <exception cref="InvalidDataException">The file has no such column, none of numbers, or a row does not fit the header.</exception>
    public static SeriesTable Read(string path, string? timeColumn = null, int rows = 0)
    {
        using StreamReader lines = new(path);
        string head = lines.ReadLine() ?? "";
        char separator = Separators.FirstOrDefault(head.Contains, ',');
        List<string> header = [];
        CsvReader.Split(head, header, separator);
        int at = timeColumn is null ? TimeColumn.Find(header) : header.FindIndex(name => string.Equals(name.Trim(), timeColumn, StringComparison.Ordinal));
        if (at < 0)
        {
            throw new InvalidDataException($"{path}: no column \"{timeColumn}\"; there are {string.Join(", ", header)}.");
        }

        List<double>[] columns = [.. header.Select(_ => new List<double>())];
        List<long> times = [];
        List<string> fields = [];
        for (int number = 2; (rows == 0 || times.Count < rows) && lines.ReadLine() is { } line; number++)
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            CsvReader.Split(line, fields, separator);
            if (fields.Count != header.Count || !TimeColumn.TryParse(fields[at].Trim(), out long timestampNs))
            {
                throw new InvalidDataException($"{path}, line {number}: wants {header.Count} fields and a time in field {at + 1}, has \"{line}\".");
            }

            times.Add(timestampNs);
            for (int i = 0; i < fields.Count; i++)
            {
                columns[i].Add(Number(fields[i]));
            }
        }

        if (times.Count < 2)
        {
            throw new InvalidDataException($"{path}: wants at least two rows under the header, has {times.Count}.");
        }

        int[] kept = [.. Enumerable.Range(0, header.Count).Where(i => i != at && !string.IsNullOrWhiteSpace(header[i]) && columns[i].Exists(double.IsFinite))];
        return kept.Length > 0
            ? new SeriesTable([.. kept.Select(i => header[i].Trim())], [.. kept.Select(i => columns[i].ToArray())], Clock(times))
            : throw new InvalidDataException($"{path}: no column of numbers beside the time; there are {string.Join(", ", header)}.");
    }

    static double Number(string field) =>
        double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) ? value : double.NaN;

    /// <summary>The most frequent difference between one time and the next; null where none is above zero.</summary>
    public static long? StepNs(IReadOnlyList<long> times) => Enumerable.Range(1, Math.Max(times.Count - 1, 0))
        .Select(i => times[i] - times[i - 1]).Where(difference => difference > 0)
        .GroupBy(difference => difference).OrderByDescending(group => group.Count()).ThenBy(group => group.Key)
        .Select(group => (long?)group.Key).FirstOrDefault();

    /// <summary>Evenly spaced steps from the first row's time on, as long as the most frequent difference.</summary>
    static StepTime[] Clock(List<long> times)
    {
        long step = StepNs(times) ?? 1_000_000_000;
        CalendarClock calendar = new(TimeZoneInfo.Utc);
        long first = times[0] / step;
        return [.. Enumerable.Range(0, times.Count).Select(row => calendar.At(first + row, step))];
    }
}
