using System.Collections;
using System.Globalization;
using StreamForecaster.Worker.Configuration;
using StreamForecaster.Worker.Lanes;
using StreamForecaster.Worker.Tests.Lanes;
using StreamForecaster.Worker.Training;

namespace StreamForecaster.Worker.Tests.Demo;

/// <summary>A burst of load, recorded once from <c>/proc/stat</c> (Fixtures/record-cpu-burst), under the demo's settings.</summary>
public sealed class CpuBurstTests
{
    const long SecondNs = 1_000_000_000;
    const int BurstSeconds = 20;

    static string Root => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../.."));

    [Fact]
    public void Replay_Burst_IsMarkedWithinSixSeconds_QuietBefore_OneEventASeries()
    {
        (long begunNs, List<TestRecord> records) = Read();
        LaneSettings settings = SettingsLoader.Load(Path.Combine(Root, "configs", "demo.json"), new Hashtable()).ToLane();
        SynchronousTrainer trainer = new(lanes: 1, TimeSpan.FromSeconds(1));
        using LaneRun run = new(settings, trainer);
        trainer.ChampionReady = run.Lane.Await;
        List<(string Series, long TimeNs)> marks = [];
        run.Lane.Closed = step =>
        {
            if (step.Score.IsAnomaly)
            {
                marks.Add((step.Series.Labels!.Display, step.Step.Index * step.StepNs));
            }
        };

        run.Feed(records);

        Assert.Contains(marks, mark => mark.TimeNs >= begunNs && mark.TimeNs <= begunNs + (6 * SecondNs));
        Assert.DoesNotContain(marks, mark => mark.TimeNs > begunNs + ((BurstSeconds + 3) * SecondNs) && mark.Series.Contains("usage_user", StringComparison.Ordinal));
        Assert.InRange(marks.Count(mark => mark.TimeNs < begunNs && mark.TimeNs >= begunNs - (60 * SecondNs)), 0, 1);
        Assert.Contains(trainer.Statuses, static group => string.Equals(group.Group, "cpu", StringComparison.Ordinal) && group.Trainings > 0);
        string[] hit = [.. marks.Where(mark => IsDuring(mark.TimeNs, begunNs)).Select(static mark => mark.Series).Distinct()];
        Assert.All(hit, series => Assert.Single(Events(run, series), startNs => IsDuring(startNs, begunNs)));
    }

    static bool IsDuring(long timeNs, long begunNs) => timeNs >= begunNs && timeNs <= begunNs + (BurstSeconds * SecondNs);

    // The starts of a series' events; an event is written whenever it changes, at its start.
    static IEnumerable<long> Events(LaneRun run, string series) => run.Lines
        .Split('\n')
        .Where(line => line.StartsWith("anomaly_event", StringComparison.Ordinal)
            && line.Contains(Tag(series), StringComparison.Ordinal))
        .Select(static line => long.Parse(line.AsSpan(line.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture))
        .Distinct();

    static string Tag(string series) =>
        ",series=" + series.Replace(" ", "\\ ", StringComparison.Ordinal).Replace(",", "\\,", StringComparison.Ordinal).Replace("=", "\\=", StringComparison.Ordinal);

    static (long BegunNs, List<TestRecord> Records) Read()
    {
        string[] lines = File.ReadAllLines(Path.Combine(Root, "tests", "StreamForecaster.Worker.Tests", "Fixtures", "cpu-burst.lp"));
        List<TestRecord> records = [];
        foreach (string line in lines.Where(static line => line[0] != '#'))
        {
            long timeNs = long.Parse(line.AsSpan(line.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture);
            records.Add(new(records.Count, timeNs / 1_000_000, line));
        }

        // "# burst from SECONDS for …"
        return (long.Parse(lines[0].Split(' ')[3], CultureInfo.InvariantCulture) * SecondNs, records);
    }
}
