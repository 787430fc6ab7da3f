using StreamForecaster.Backtesting;
using StreamForecaster.Worker.Ingestion.Replay;

namespace StreamForecaster.Worker.Commands.Backtests;

/// <summary>
/// Reads a CSV of series on one clock. A cell that is no number is a missing value, and a column without a number or without a
/// name (row numbers, as data frames are saved with) is no series. Fields are parted by the first comma, tab or semicolon that
/// the header has of these, in this order. Rows are even steps in the file's order.
/// </summary>
static class SeriesTableReader
{
    const string Separators = ",\t;";

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="timeColumn">The time column's name; null: the first with a usual name, else the first column.</param>
    /// <param name="rows">Only the first so many rows; 0: all.</param>
    /// <param name="notes">Told in a line each what is left out, and that rows are not in time order; null for nobody.</param>
    /// <exception cref="InvalidDataException">The file has no such column, none of numbers, or a row does not fit the header.</exception>
    public static SeriesTable Read(string path, string? timeColumn = null, int rows = 0, TextWriter? notes = null)
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

        TableColumn[] columns = [.. header.Select((name, index) => new TableColumn(name.Trim(), index + 1))];
        RowTimes times = new();
        List<string> fields = [];
        for (int number = 2; (rows == 0 || times.Count < rows) && lines.ReadLine() is { } line; number++)
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            CsvReader.Split(line, fields, separator);
            if (fields.Count != header.Count)
            {
                throw new InvalidDataException($"{path}, line {number}: wants {header.Count} fields as the header has, has {fields.Count}: \"{line}\".");
            }

            if (!times.TryAdd(fields[at].Trim(), number))
            {
                throw new InvalidDataException($"{path}, line {number}: \"{fields[at]}\" is no time; allowed: {TimeColumn.Allowed}.");
            }

            for (int i = 0; i < fields.Count; i++)
            {
                columns[i].Add(fields[i], number);
            }
        }

        if (times.Count < 2)
        {
            throw new InvalidDataException($"{path}: wants at least two rows under the header, has {times.Count}.");
        }

        TableColumn[] others = [.. columns.Where((_, index) => index != at)];
        Tell(path, [.. others.Select(static column => column.Note), times.Note], notes);
        TableColumn[] kept = [.. others.Where(static column => column.IsSeries)];
        return kept.Length > 0
            ? new SeriesTable([.. kept.Select(static column => column.Name)], [.. kept.Select(static column => column.ToArray())], times.ToClock())
            : throw new InvalidDataException($"{path}: no column of numbers beside the time; there are {string.Join(", ", header)}.");
    }

    static void Tell(string path, string?[] all, TextWriter? notes)
    {
        foreach (string note in all.OfType<string>())
        {
            notes?.WriteLine($"{path}: {note}");
        }
    }
}
