using System.Globalization;
using System.Text;
using StreamForecaster.Decoding;
using StreamForecaster.Publishing;
using StreamForecaster.Worker.Publishing;

namespace StreamForecaster.SystemTests.Publishing;

/// <summary>Results as a lane makes them: for each series and step a forecast per horizon and a score.</summary>
static class Results
{
    public const int StepSeconds = 10;

    // 2025-01-01T00:00:00Z
    const long Start = 1_735_689_600;

    static readonly int[] Horizons = [1, 12];

    /// <summary>The labels of a test's series, whose tags need every kind of escaping.</summary>
    public static SeriesLabels Series(string test, int number) => new(SeriesIdentity.Parse(SeriesIdentity.Key(
        "cpu load",
        [new("host", string.Create(CultureInfo.InvariantCulture, $"{test} {number},a=b"))],
        "usage_idle")));

    /// <summary>One step of a number of series: three lines each.</summary>
    public static ResultBatch Step(SeriesLabels[] series, int step)
    {
        ResultBatch batch = new() { Lane = new("metrics", 0), FromOffset = step, UpToOffset = step + 1 };
        foreach (SeriesLabels labels in series)
        {
            double value = 50 + Math.Sin(step / 7.0);
            long time = (Start + ((long)step * StepSeconds)) * 1_000_000_000;
            foreach (int horizon in Horizons)
            {
                long ahead = time + (horizon * StepSeconds * 1_000_000_000L);
                ResultLines.AppendForecast(batch.Lines, labels, horizon, ahead, value, value - 1, value + 1, "gru"u8, 3, "season"u8);
                ResultMessages.AppendForecast(batch.Messages, labels, horizon, ahead, value, value - 1, value + 1, "gru"u8, 3, "season"u8);
            }

            ResultLines.AppendAnomaly(batch.Lines, labels, time, value, value, 0.25, 0.5, isAnomaly: false);
            ResultMessages.AppendAnomaly(batch.Messages, labels, time, value, value, 0.25, 0.5, isAnomaly: false);
            batch.LineCount += Horizons.Length + 1;
        }

        batch.Await(1);
        return batch;
    }

    /// <summary>A batch of given lines.</summary>
    public static ResultBatch Lines(params string[] lines)
    {
        ResultBatch batch = new() { Lane = new("metrics", 0), UpToOffset = 1, LineCount = lines.Length };
        batch.Lines.Append(Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n"))));
        batch.Await(1);
        return batch;
    }
}
