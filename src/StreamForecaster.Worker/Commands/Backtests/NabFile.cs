using System.Globalization;
using System.Text;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Ingestion.Replay;
using StreamForecaster.Worker.Lanes;

namespace StreamForecaster.Worker.Commands.Backtests;

/// <summary>One file of the Numenta Anomaly Benchmark through the production lane: a score for every row, from what came up to it.</summary>
sealed class NabFile
{
    readonly Dictionary<long, StepReport> _steps = [];
    long _stepNs;

    /// <summary>Replays a file and writes its result file.</summary>
    /// <returns>The rows, and how many of them were late.</returns>
    /// <exception cref="InvalidDataException">The file has other columns than a time and a value.</exception>
    public static (int Rows, long Late) Run(string path, string result, LaneSettings settings)
    {
        CheckHeader(path);
        NabFile file = new();
        ReplaySource source = new(new ReplayOptions { Paths = [path] });
        using BacktestLane lane = new(new LaneId("replay", 0), settings, file.Take);
        source.Run(lane, CancellationToken.None);
        Directory.CreateDirectory(Path.GetDirectoryName(result)!);
        int rows = file.Write(path, result);
        return (rows, lane.Lane.Counters.Late);
    }

    // A further column, such as a label, would be a series of its own, and its scores would stand in the value's place.
    static void CheckHeader(string path)
    {
        List<string> columns = [];
        CsvReader.Split(File.ReadLines(path).FirstOrDefault(""), columns);
        if (columns.Count > 2 || TimeColumn.Find(columns) != 0)
        {
            throw new InvalidDataException($"{path}: wanted are the columns timestamp,value; there are {string.Join(',', columns)}");
        }
    }

    void Take(StepReport step)
    {
        _stepNs = step.StepNs;
        _steps[step.Step.Index] = step;
    }

    // A step is known when its last row is there: the rows before it carry the score of the step before, and so do late rows.
    int Write(string path, string result)
    {
        List<(string Timestamp, string Value, long Step)> rows = Read(path);
        StringBuilder text = new("timestamp,value,anomaly_score,yhat,yhat_lower,yhat_upper\n");
        StepReport current = default;
        long latest = long.MinValue;
        for (int i = 0; i < rows.Count; i++)
        {
            (string timestamp, string value, long step) = rows[i];
            bool isLast = i + 1 == rows.Count || rows[i + 1].Step > step;
            if (isLast && step > latest && _steps.TryGetValue(step, out StepReport report))
            {
                current = report;
                latest = step;
            }

            text.Append(CultureInfo.InvariantCulture, $"{timestamp},{value},{current.Score.AlarmScore:R}");
            text.Append(current.HasForecast
                ? string.Create(CultureInfo.InvariantCulture, $",{current.Forecast.Yhat:R},{current.Forecast.Lower:R},{current.Forecast.Upper:R}\n")
                : ",,,\n");
        }

        File.WriteAllText(result, text.ToString());
        return rows.Count;
    }

    List<(string Timestamp, string Value, long Step)> Read(string path)
    {
        List<(string, string, long)> rows = [];
        foreach (string line in File.ReadLines(path).Skip(1))
        {
            int comma = line.IndexOf(',', StringComparison.Ordinal);
            if (comma < 0)
            {
                continue;
            }

            string timestamp = line[..comma];
            long step = TimeColumn.TryParse(timestamp, out long timeNs) && _stepNs > 0 ? timeNs / _stepNs : long.MinValue;
            rows.Add((timestamp, line[(comma + 1)..], step));
        }

        return rows;
    }
}
