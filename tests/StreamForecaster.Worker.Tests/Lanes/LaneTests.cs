using System.Globalization;
using System.Text;
using StreamForecaster.Alignment;
using StreamForecaster.Grouping;
using StreamForecaster.Models;
using StreamForecaster.State;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Lanes;
using StreamForecaster.Worker.Publishing;
using StreamForecaster.Worker.State;

namespace StreamForecaster.Worker.Tests.Lanes;

public sealed class LaneTests
{
    static readonly LaneSettings Settings = new() { Align = new AlignmentOptions { Step = TimeSpan.FromSeconds(1) } };

    static readonly JournalEntry Activation = new(400, 1, 1, JournalKind.Activate, "m", 3, 0);

    static Forecaster Model => Forecaster.Create(Settings.ModelSpec(), seed: 5);

    [Fact]
    public void Process_RandomCutsOfTheBatches_GivesEqualBytes()
    {
        List<TestRecord> records = TestRecord.Stream(seed: 1, steps: 150, series: 7);
        using LaneRun expected = new(Settings);
        expected.Lane.Recover([(Activation, Model)]);
        expected.Feed(records, cutSeed: 1, batchMax: 1).Finish();
        Assert.True(expected.Lane.Counters.ModelForecasts > 100);
        Assert.True(expected.Lane.Counters.Late > 0 && expected.Lane.Counters.Duplicates > 0 && expected.Lane.Counters.Filled > 0);
        for (int seed = 2; seed < 8; seed++)
        {
            using LaneRun run = new(Settings);
            run.Lane.Recover([(Activation, Model)]);
            run.Feed(records, seed, batchMax: 400).Finish();
            Assert.Equal(expected.Lines, run.Lines);
        }
    }

    [Fact]
    public void Process_EachClosedStep_HasOneScoreAndOneForecastPerPublishedHorizon()
    {
        using LaneRun run = new(Settings);
        run.Feed(TestRecord.Stream(seed: 2, steps: 100, series: 5)).Finish();
        string[] identities = [.. run.Lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Identity)];
        Assert.Equal(identities.Length, identities.Distinct(StringComparer.Ordinal).Count());
        long steps = run.Lane.Counters.Steps;
        Assert.Equal(steps, identities.Count(static line => line.StartsWith("anomaly,", StringComparison.Ordinal)));
        Assert.Equal(2 * steps, identities.Count(static line => line.StartsWith("forecast,", StringComparison.Ordinal)));
    }

    [Fact]
    public void Process_OnceWarm_AllocatesNothing()
    {
        const int Series = 40, Warm = 150, Measured = 100;
        using LaneRun run = new(Settings);
        run.Lane.Recover([(Activation, Model)]);
        RecordBatch batch = new();
        ResultBatch results = new();
        List<long> allocated = [];
        for (int step = 0; step < Warm + Measured; step++)
        {
            for (int series = 0; series < Series; series++)
            {
                TestRecord record = TestRecord.Point((step * Series) + series, $"m,core={series % 4},host=h{series / 4}", step, Math.Sin(step / 5.0) + series);
                batch.Add(record.Offset, record.TimestampMs, [], Encoding.UTF8.GetBytes(record.Payload));
            }

            long before = GC.GetAllocatedBytesForCurrentThread();
            run.Lane.Process(batch, results);
            if (step >= Warm)
            {
                allocated.Add(GC.GetAllocatedBytesForCurrentThread() - before);
            }

            batch.Clear();
            results.Clear();
        }

        Assert.True(run.Lane.Counters.ModelForecasts > Series * Measured, "the model was to answer");

        // A collection that another test causes is counted as some bytes of this thread: never in most batches.
        Assert.Equal(0, allocated.Order().ElementAt(Measured / 2));
    }

    [Fact]
    public void Process_OnePointFromTheFarFuture_ChangesNothingForTheOthers()
    {
        List<TestRecord> records = TestRecord.Stream(seed: 3, steps: 120, series: 4);
        List<TestRecord> poisoned = [];
        foreach (TestRecord record in records)
        {
            if (record.Offset == 200)
            {
                poisoned.Add(record with { Payload = "evil,host=x value=1 253402300799000000000" });
                poisoned.Add(record with { TimestampMs = 253_402_300_799_000, Payload = "evil,host=x value=1 8000000000000000000" });
                poisoned.Add(record with { Payload = "evil,host=x value=1 -62135596800000000000" });
            }

            poisoned.Add(record);
        }

        poisoned = [.. poisoned.Select((record, offset) => record with { Offset = offset })];
        using LaneRun expected = new LaneRun(Settings).Feed(records).Finish();
        using LaneRun run = new LaneRun(Settings).Feed(poisoned).Finish();
        Assert.Equal(expected.Lines, run.Lines);
        Assert.Equal(3, run.Lane.Counters.DeadLetters);
    }

    [Fact]
    public void Process_FloodOfNewNames_LeavesTheOthersBitForBit()
    {
        LaneSettings small = Settings with { Series = new SeriesOptions { Limit = 10, Probation = 1500 } };
        List<TestRecord> records = TestRecord.Stream(seed: 4, steps: 80, series: 5);
        List<TestRecord> flooded = [];
        foreach (TestRecord record in records)
        {
            flooded.Add(record);
            for (int i = 0; i < 20; i++)
            {
                double seconds = (record.TimestampMs / 1000.0) - 1_700_000_000;
                flooded.Add(TestRecord.Point(0, $"flood,id={flooded.Count}", seconds - 0.001, 1));
            }
        }

        flooded = [.. flooded.Select((record, offset) => record with { Offset = offset })];
        using LaneRun expected = new LaneRun(small).Feed(records).Finish();
        using LaneRun run = new LaneRun(small).Feed(flooded).Finish();
        Assert.Equal(expected.SortedLines, run.SortedLines);
        Assert.True(run.Lane.Counters.ProbationDropped > 1000);
        Assert.StartsWith("tag 'id' of 'flood' has ", run.Lane.Counters.Flood, StringComparison.Ordinal);
    }

    [Fact]
    public void Process_FloodFromTheFirstRecord_KeepsWhoComesAgainAlsoOverARestart()
    {
        // Room for the names of one step, not of two.
        const int Series = 5, Steps = 60, Strangers = 20;
        LaneSettings small = Settings with { Series = new SeriesOptions { Limit = 10, Probation = 150 } };
        List<TestRecord> records = [];
        List<TestRecord> flooded = [];
        for (int i = 0; i < Series * Steps; i++)
        {
            int step = i / Series;
            TestRecord record = TestRecord.Point(i, $"m,host=h{i % Series}", step + 0.1, Math.Sin(i));
            records.Add(record);
            flooded.Add(record with { Offset = flooded.Count });
            for (int stranger = 0; stranger < Strangers; stranger++)
            {
                flooded.Add(TestRecord.Point(flooded.Count, $"flood,id={flooded.Count}", step + 0.1, 1));
            }
        }

        using LaneRun expected = new LaneRun(small).Feed(records).Finish();
        Assert.Contains("m.value{host\\=h0}", expected.Lines, StringComparison.Ordinal);
        foreach (int cut in new[] { 0, 130, 171, 1500 })
        {
            using LaneRun before = new LaneRun(small).Feed(flooded.Take(cut));
            ByteBuffer frames = new();
            before.Lane.BeginCheckpoint(everything: true, frames);
            before.Lane.WriteSlice(int.MaxValue, frames);
            using LaneRun after = new(small);
            Restore(after.Lane, frames, static (_, _) => null);
            after.Feed(flooded.Skip(cut)).Finish();
            Assert.Equal(expected.SortedLines, (string[])[.. before.SortedLines.Concat(after.SortedLines).Order(StringComparer.Ordinal)]);
            Assert.True(after.Lane.Counters.ProbationDropped > 1000);
        }
    }

    [Fact]
    public void Process_SameSeriesLimit_RefusesAndCounts()
    {
        LaneSettings small = Settings with { Series = new SeriesOptions { Limit = 3 } };
        using LaneRun run = new LaneRun(small).Feed(TestRecord.Stream(seed: 5, steps: 30, series: 6)).Finish();
        Assert.True(run.Lane.Counters.Refused > 0);
        Assert.Equal(3, run.Lane.Groups.Sum(static group => group.SeriesCount));
    }

    [Fact]
    public void Restore_CheckpointAtAnyBatch_GoesOnBitForBit()
    {
        List<TestRecord> records = TestRecord.Stream(seed: 6, steps: 160, series: 6);
        Forecaster model = Model;
        using LaneRun expected = new(Settings);
        expected.Lane.Recover([(Activation, model)]);
        expected.Feed(records).Finish();
        foreach (int cut in new[] { 3, 57, 399, 400, 401, 777 })
        {
            ByteBuffer frames = new();
            using LaneRun before = new(Settings);
            before.Lane.Recover([(Activation, model)]);
            before.Feed(records.Take(cut));
            before.Lane.BeginCheckpoint(everything: true, frames);
            Assert.True(before.Lane.WriteSlice(int.MaxValue, frames));

            using LaneRun after = new(Settings);
            Restore(after.Lane, frames, (_, _) => model);
            if (after.Lane.JournalPosition < Activation.Sequence)
            {
                after.Lane.Recover([(Activation, model)]);
            }

            after.Feed(records.Skip(cut)).Finish();
            Assert.Equal(expected.SortedLines, (string[])[.. before.SortedLines.Concat(after.SortedLines).Order(StringComparer.Ordinal)]);
        }
    }

    [Fact]
    public void WriteSlice_RecordsBetweenTheSlices_KeepsTheStateOfTheBeginning()
    {
        List<TestRecord> records = TestRecord.Stream(seed: 7, steps: 100, series: 9);
        const int Cut = 500;
        using LaneRun whole = new LaneRun(Settings).Feed(records.Take(Cut));
        ByteBuffer atOnce = new();
        whole.Lane.BeginCheckpoint(everything: true, atOnce);
        whole.Lane.WriteSlice(int.MaxValue, atOnce);

        using LaneRun sliced = new LaneRun(Settings).Feed(records.Take(Cut));
        ByteBuffer slices = new();
        sliced.Lane.BeginCheckpoint(everything: true, slices);
        foreach (TestRecord record in records.Skip(Cut).Take(100))
        {
            sliced.Feed([record]);
            sliced.Lane.WriteSlice(1, slices);
        }

        using LaneRun first = new(Settings), second = new(Settings);
        Restore(first.Lane, atOnce, static (_, _) => null);
        Restore(second.Lane, slices, static (_, _) => null);
        Assert.Equal(first.Feed(records.Skip(Cut)).Finish().SortedLines, second.Feed(records.Skip(Cut)).Finish().SortedLines);
    }

    [Fact]
    public void Restore_ChangedSetting_ResetsWhatDependsOnItAndSaysSo()
    {
        using LaneRun before = new LaneRun(Settings).Feed(TestRecord.Stream(seed: 8, steps: 50, series: 2));
        ByteBuffer frames = new();
        before.Lane.BeginCheckpoint(everything: true, frames);
        before.Lane.WriteSlice(int.MaxValue, frames);
        using LaneRun after = new(Settings with { Score = Settings.Score with { MinimumDeviation = 4 } });
        Restore(after.Lane, frames, static (_, _) => null);
        Assert.Equal(["m/event", "m/score"], after.Lane.ResetSections);
    }

    [Fact]
    public void Recover_TheJournalOfAFormerLife_GivesItsBytesFromTheFirstRecordOn()
    {
        List<TestRecord> records = TestRecord.Stream(seed: 10, steps: 160, series: 6);
        const int Activated = 400;
        Forecaster model = Model;
        JournalEntry start = new(0, 1, 1, JournalKind.Start, "", 1_700_000_000_000_000_000, 0);
        JournalEntry activation = new(Activated, 2, 1, JournalKind.Activate, "m", 3, 0);
        JournalEntry idle = new(records.Count, 3, 1, JournalKind.Idle, "", 1_700_000_190_000_000_000, 1_700_000_190_000_000_000);
        using LaneRun live = new(Settings);
        live.Apply(start).Feed(records.Take(Activated)).Apply(activation, model).Feed(records.Skip(Activated), cutSeed: 2).Apply(idle);

        using LaneRun again = new(Settings);
        again.Lane.Recover([(start, null), (activation, model), (idle, null)]);
        Assert.True(again.Lane.HasDueEntry);
        again.ApplyDue().Feed(records, cutSeed: 3);
        Assert.True(again.Lane.HasDueEntry);
        Assert.True(again.Lane.IsRecovering);
        again.ApplyDue();

        Assert.False(again.Lane.IsRecovering);
        Assert.Equal(live.Lines, again.Lines);
    }

    [Fact]
    public void Process_BeforeThePublishedOffset_PublishesNothing()
    {
        List<TestRecord> records = TestRecord.Stream(seed: 9, steps: 60, series: 3);
        using LaneRun expected = new LaneRun(Settings).Feed(records).Finish();
        using LaneRun first = new LaneRun(Settings).Feed(records.Take(90));
        using LaneRun second = new(Settings);
        second.Lane.PublishFrom = 90;
        second.Feed(records, cutSeed: 3, batchMax: 200).Finish();
        Assert.Equal(expected.Lines, first.Lines + second.Lines);
    }

    [Fact]
    public void Process_BadRecord_IsADeadLetterWithReasonAndPlace()
    {
        using LaneRun run = new LaneRun(Settings).Feed([new TestRecord(7, 1_700_000_000_000, "{\"not\": json")]);
        Assert.Contains("\"offset\":7", run.DeadLetters, StringComparison.Ordinal);
        Assert.Contains("\"topic\":\"metrics\"", run.DeadLetters, StringComparison.Ordinal);
        Assert.Equal(1, run.Lane.Counters.DeadLetters);
    }

    static string Identity(string line)
    {
        int fields = line.IndexOf("} ", StringComparison.Ordinal);
        return string.Create(CultureInfo.InvariantCulture, $"{line[..fields]} {line[(line.LastIndexOf(' ') + 1)..]}");
    }

    internal static void Restore(Lane lane, ByteBuffer frames, Func<string, long, Forecaster?> loadModel)
    {
        Checkpoint checkpoint = Read(frames);
        lane.Restore(checkpoint.Head.Span, checkpoint.Series, loadModel);
    }

    internal static Checkpoint Read(ByteBuffer frames)
    {
        Checkpoint checkpoint = new(0);
        ReadOnlyMemory<byte> rest = frames.Written.ToArray();
        while (StateFrame.TryRead(rest.Span, out int kind, out ReadOnlySpan<byte> payload))
        {
            checkpoint.Take((StateKind)kind, rest.Slice(StateFrame.PrefixBytes, payload.Length));
            rest = rest[(StateFrame.PrefixBytes + payload.Length)..];
        }

        Assert.True(rest.IsEmpty);
        return checkpoint;
    }
}
