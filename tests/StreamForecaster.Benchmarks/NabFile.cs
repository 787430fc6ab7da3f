using System.Globalization;
using StreamForecaster.Forecasting;

namespace StreamForecaster.Benchmarks;

/// <summary>One file of the Numenta Anomaly Benchmark's form: rows of time and value, and its labelled windows.</summary>
sealed class NabFile
{
    const string TimeFormat = "yyyy-MM-dd HH:mm:ss";

    internal required string Name { get; init; }

    internal required string[] Stamps { get; init; }

    internal required StepTime[] Times { get; init; }

    internal required double[] Values { get; init; }

    /// <summary>First and last row of each window, in order.</summary>
    internal required (int First, int Last)[] Windows { get; init; }

    internal static NabFile Read(string folder, string name, IEnumerable<string[]> windows)
    {
        var rows = File.ReadLines(Path.Combine(folder, name)).Skip(1).Where(row => row.Length > 0)
            .Select(row => row.Split(',')).ToArray();
        var stamps = rows.Select(row => row[0]).ToArray();
        var times = stamps.Select(stamp => DateTime.ParseExact(
            stamp, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal)).ToArray();
        var step = times.Zip(times.Skip(1), (a, b) => (int)(b - a).TotalSeconds).Where(apart => apart > 0)
            .GroupBy(apart => apart).OrderByDescending(group => group.Count()).ThenBy(group => group.Key).First().Key;
        return new NabFile
        {
            Name = name,
            Stamps = stamps,
            Times = [.. times.Select(time => At(time, step))],
            Values = [.. rows.Select(row => double.Parse(row[1], CultureInfo.InvariantCulture))],
            Windows = [.. windows.Select(window => Rows(stamps, window)).OrderBy(rows => rows.First)],
        };
    }

    static (int First, int Last) Rows(string[] stamps, string[] window)
    {
        var first = Array.IndexOf(stamps, window[0][..19]);
        return (first, Array.IndexOf(stamps, window[1][..19], first));
    }

    static StepTime At(DateTime time, int step)
    {
        var unix = (long)(time - DateTime.UnixEpoch).TotalSeconds;
        return new StepTime(unix * 1_000_000_000, (int)time.TimeOfDay.TotalSeconds, (int)time.DayOfWeek, unix / step, step);
    }
}
