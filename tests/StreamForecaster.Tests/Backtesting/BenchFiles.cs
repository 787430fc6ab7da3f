using System.Globalization;
using StreamForecaster.Backtesting;
using StreamForecaster.Grouping;
using StreamForecaster.Windowing;

namespace StreamForecaster.Tests.Backtesting;

/// <summary>The benchmark files that lie beside a checkout, <c>../shared/bench</c>, where they do.</summary>
static class BenchFiles
{
    /// <summary>The folder; null where it is not.</summary>
    public static string? Folder { get; } = Find();

    /// <summary>ETTh2 and the files of the Numenta Anomaly Benchmark, by their paths in the folder; one that is not there where none is.</summary>
    static IEnumerable<string> All => Folder is null
        ? ["ETTh2.csv"]
        : Directory.EnumerateFiles(Path.Combine(Folder, "nab", "data"), "*.csv", SearchOption.AllDirectories)
            .Append(Path.Combine(Folder, "ETTh2.csv")).Select(path => Path.GetRelativePath(Folder, path)).Order(StringComparer.Ordinal);

    /// <summary>Every file, full and lean.</summary>
    /// <param name="isWanted">Which of them, where there are any.</param>
    public static TheoryData<string, SeriesProfile> Cases(Func<string, bool> isWanted)
    {
        var cases = new TheoryData<string, SeriesProfile>();
        foreach (var name in All.Where(name => Folder is null || isWanted(name)))
        {
            cases.Add(name, SeriesProfile.Full);
            cases.Add(name, SeriesProfile.Lean);
        }

        return cases;
    }

    /// <summary>Rows before anything is judged, as the Numenta Anomaly Benchmark has it.</summary>
    public static int WarmUp(SeriesTable table) => Math.Min((int)(0.15 * table.Rows), 750);

    /// <summary>A time column, then numbers; the rows are taken as evenly spaced by the first difference.</summary>
    public static SeriesTable Read(string name)
    {
        var lines = File.ReadLines(Path.Combine(Folder!, name)).Select(line => line.Split(',')).ToArray();
        var columns = new double[lines[0].Length - 1][];
        for (var i = 0; i < columns.Length; i++)
        {
            columns[i] = [.. lines.Skip(1).Select(line => double.Parse(line[i + 1], CultureInfo.InvariantCulture))];
        }

        var (first, second) = (Nanoseconds(lines[1][0]), Nanoseconds(lines[2][0]));
        var (clock, step) = (new CalendarClock(TimeZoneInfo.Utc), second - first);
        return new SeriesTable(lines[0][1..], columns, [.. Enumerable.Range(0, columns[0].Length).Select(row => clock.At((first / step) + row, step))]);
    }

    static long Nanoseconds(string time) =>
        (DateTime.Parse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal) - DateTime.UnixEpoch).Ticks * 100;

    static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var bench = Path.Combine(folder.FullName, "shared", "bench");
            if (Directory.Exists(bench))
            {
                return bench;
            }
        }

        return null;
    }
}
