using StreamForecaster.Alignment;
using StreamForecaster.Grouping;
using StreamForecaster.Scoring;
using StreamForecaster.Worker.Lanes;
using StreamForecaster.Worker.Live;
using StreamForecaster.Worker.State;

namespace StreamForecaster.Worker.Tests.Lanes;

/// <summary>Series that a lane scores together.</summary>
public sealed class LaneCohortTests
{
    const int Members = 8;
    const int Shifted = 900;
    const int ShiftedSteps = 2;
    const string Cohort = "cohort.rarity{host=a,partition=metrics-0,step=1s}";

    static readonly LaneSettings Settings = new()
    {
        Align = new AlignmentOptions { Step = TimeSpan.FromSeconds(1), Lateness = TimeSpan.Zero },
        Forecast = new() { Profile = SeriesProfile.Lean },
        Score = new() { Profile = SeriesProfile.Lean },
        Learn = new() { Model = new() { HiddenSize = 8, Lookback = 16, Horizons = 2 } },
    };

    [Fact]
    public void Process_SmallDeviationsOfAllSeriesOfAHost_AreFoundThoughNoneAloneIs()
    {
        using LaneRun run = new LaneRun(Settings).Feed(Host(Shifted + 60, shift: 2.6)).Finish();
        string[] lines = run.Lines.Split('\n');
        long[] shifted = [.. Enumerable.Range(Shifted, ShiftedSteps).Select(Time)];

        Assert.DoesNotContain(lines, line => line.StartsWith("anomaly,core=", StringComparison.Ordinal)
            && line.Contains("is_anomaly=true", StringComparison.Ordinal) && shifted.Any(time => line.EndsWith($" {time}", StringComparison.Ordinal)));
        string[] found = [.. lines.Where(static line => line.StartsWith($"anomaly,host=a,", StringComparison.Ordinal) && line.Contains("is_anomaly=true", StringComparison.Ordinal))];
        Assert.NotEmpty(found);
        Assert.All(found, line => Assert.Contains(shifted, time => line.EndsWith($" {time}", StringComparison.Ordinal)));
        string words = lines.Last(static line => line.StartsWith("anomaly_event,host=a,", StringComparison.Ordinal));
        Assert.Contains($"text=\"{Cohort}: several series at once, ", words, StringComparison.Ordinal);
        Assert.Contains($"; most of {Members} series at the peak: m.value{{core=", words, StringComparison.Ordinal);
    }

    [Fact]
    public void Process_BatchCutsAndRestores_GiveTheSameBytes()
    {
        List<TestRecord> records = Mixed();
        using LaneRun expected = new LaneRun(Settings).Feed(records, cutSeed: 1, batchMax: 1).Finish();
        Assert.Contains("anomaly_event,host=a,", expected.Lines, StringComparison.Ordinal);
        Assert.Contains("anomaly,host=b,", expected.Lines, StringComparison.Ordinal);
        for (int seed = 2; seed < 5; seed++)
        {
            using LaneRun cut = new LaneRun(Settings).Feed(records, seed, batchMax: 900).Finish();
            Assert.Equal(expected.Lines, cut.Lines);
        }

        // Amid an open step, amid an open event, and before any.
        int amid = records.FindIndex(static record => record.TimestampMs >= 1_700_000_000_000 + (1000 * (Shifted + 1))) + 3;
        foreach (int at in new[] { 700, amid, amid + 40 })
        {
            using LaneRun before = new LaneRun(Settings).Feed(records.Take(at));
            using LaneRun after = Restored(before, Settings);
            Assert.Equal(before.Lane.Counters.Cohorts, after.Lane.Counters.Cohorts);
            Assert.Equal(expected.Lines, before.Lines + after.Feed(records.Skip(at)).Finish().Lines);
        }
    }

    [Fact]
    public void Process_MoreHostsThanTheLimit_LeavesTheLaterOnesAloneAlsoAfterARestore()
    {
        LaneSettings small = Settings with { Cohorts = new() { Limit = 2 } };
        List<TestRecord> records = [.. Enumerable.Range(0, 200 * 8).Select(static i => TestRecord.Point(
            i, $"m,core={i % 2},host=h{i % 8 / 2}", i / 8, Math.Sin(i * 0.7)))];
        using LaneRun expected = new LaneRun(small).Feed(records).Finish();
        Assert.Equal(2, expected.Lane.Counters.Cohorts);
        Assert.Equal(4, expected.Lane.Counters.CohortsRefused);
        Assert.Equal(2, expected.Lines.Split('\n').Where(static line => line.StartsWith("anomaly,host=", StringComparison.Ordinal)).Select(static line => line[..15]).Distinct(StringComparer.Ordinal).Count());

        using LaneRun before = new LaneRun(small).Feed(records.Take(1100));
        using LaneRun after = Restored(before, small);
        Assert.Equal(expected.Lines, before.Lines + after.Feed(records.Skip(1100)).Finish().Lines);
    }

    [Fact]
    public void Of_AFullTable_GivesThePlaceOfALongSilentCohort()
    {
        CohortTable table = new(new CohortOptions { Limit = 2 }, new ScoreOptions(), "metrics-0");
        Cohort first = table.Of("a"u8, 1_000_000_000, 0)!, second = table.Of("b"u8, 1_000_000_000, 0)!;
        first.Begin(100);
        second.Begin(350);

        Assert.Null(table.Of("c"u8, 1_000_000_000, 399));
        Assert.NotNull(table.Of("c"u8, 1_000_000_000, 401));
        Assert.True(first.IsEvicted);
        Assert.Same(second, table.Of("b"u8, 1_000_000_000, 401));
    }

    [Fact]
    public void Process_WithoutTags_ScoresEachSeriesAlone()
    {
        using LaneRun run = new LaneRun(Settings with { Cohorts = new() { By = [] } }).Feed(Host(120, shift: 0)).Finish();
        Assert.DoesNotContain("cohort", run.Lines, StringComparison.Ordinal);
        Assert.Equal(0, run.Lane.Counters.Cohorts);
    }

    [Fact]
    public void Restore_OtherTags_StartsCohortsAnewAndSaysSo()
    {
        using LaneRun before = new LaneRun(Settings).Feed(Host(120, shift: 0));
        using LaneRun after = Restored(before, Settings with { Cohorts = new() { By = ["core"] } });
        Assert.Equal(["cohorts"], after.Lane.ResetSections);
        Assert.Equal(0, after.Lane.Counters.Cohorts);
    }

    [Fact]
    public void Restore_AFormatBeforeCohorts_GoesOnWithTheSeries()
    {
        List<TestRecord> records = Host(150, shift: 0);
        using LaneRun expected = new LaneRun(Settings).Feed(records).Finish();
        using LaneRun before = new LaneRun(Settings).Feed(records.Take(700));
        ByteBuffer frames = new();
        LaneHead now = before.Lane.BeginCheckpoint(everything: true, frames);
        before.Lane.WriteSlice(int.MaxValue, frames);
        Checkpoint checkpoint = LaneTests.Read(frames);
        byte[] old = checkpoint.Head[..^(now.Cohorts.Length + sizeof(long))].ToArray();
        old[0] = 2;

        using LaneRun after = new(Settings);
        after.Lane.Restore(old, checkpoint.Series, static (_, _) => null);

        Assert.Empty(after.Lane.ResetSections);
        after.Feed(records.Skip(700)).Finish();
        Assert.Equal(Alone(expected.Lines), Alone(before.Lines + after.Lines));

        static string[] Alone(string lines) => [.. lines.Split('\n').Where(static line => !line.Contains("cohort", StringComparison.Ordinal))];
    }

    [Fact]
    public void List_ACohort_IsARowOfThePage()
    {
        using LaneRun run = new LaneRun(Settings).Feed(Host(200, shift: 0));
        SeriesSummary row = Assert.Single(run.Lane.List("cohort", 10));
        Assert.Equal(Cohort, row.Series);
        Assert.Equal($"{Members} series", row.Status);
        Assert.Equal(32, row.Sparkline.Count);
        SeriesDetail detail = run.Lane.Show(Cohort)!;
        Assert.Equal(row.Value, detail.Values[^1]);
        Assert.Equal(64, detail.Times.Count);
        Assert.Empty(detail.Ahead);
    }

    static LaneRun Restored(LaneRun before, LaneSettings settings)
    {
        ByteBuffer frames = new();
        before.Lane.BeginCheckpoint(everything: true, frames);
        before.Lane.WriteSlice(int.MaxValue, frames);
        LaneRun after = new(settings);
        LaneTests.Restore(after.Lane, frames, static (_, _) => null);
        return after;
    }

    static long Time(int step) => (1_700_000_000L + step) * 1_000_000_000;

    static List<TestRecord> Host(int steps, double shift)
    {
        Random random = new(17);
        return [.. Enumerable.Range(0, steps * Members).Select(i => TestRecord.Point(
            i, $"m,core={i % Members},host=a", i / Members, i / Members is >= Shifted and < Shifted + ShiftedSteps ? shift + (0.2 * Normal(random)) : Normal(random)))];
    }

    // Beside the host with the shift, one whose series have gaps, late points and different steps, and series without a host.
    static List<TestRecord> Mixed()
    {
        Random random = new(5);
        List<TestRecord> records = [];
        foreach (TestRecord record in Host(Shifted + 60, shift: 3.2))
        {
            records.Add(record);
            double seconds = (record.TimestampMs / 1000.0) - 1_700_000_000;
            if (random.Next(4) == 0)
            {
                records.Add(TestRecord.Point(0, $"n,part={random.Next(3)},host=b", seconds - random.Next(3), Normal(random)));
            }

            if (random.Next(8) == 0)
            {
                records.Add(TestRecord.Point(0, "alone", seconds, Normal(random)));
            }
        }

        return [.. records.Select(static (record, offset) => record with { Offset = offset })];
    }

    static double Normal(Random random) =>
        Math.Round(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()), 4);
}
