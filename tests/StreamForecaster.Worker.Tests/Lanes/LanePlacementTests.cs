using System.Text;
using StreamForecaster.Grouping;
using StreamForecaster.Worker.Lanes;

namespace StreamForecaster.Worker.Tests.Lanes;

/// <summary>A series in a second partition: a dead letter where the topic is keyed, a warning where that is not known.</summary>
public sealed class LanePlacementTests
{
    const int Partitions = 3;
    const int Hosts = 12;
    static readonly LaneSettings Settings = new() { Align = new() { Step = TimeSpan.FromSeconds(1) } };
    static readonly List<TestRecord> Records = TestRecord.Stream(seed: 40, steps: 40, series: Hosts);

    [Fact]
    public void Process_KeyedTopic_SetsAsideWhatBelongsElsewhereAndLeavesTheRestBitForBit()
    {
        static bool IsHere(string text) => Enumerable.Range(0, Hosts).Any(host =>
            PlacementKey.PartitionOf(Encoding.ASCII.GetBytes($"h{host}"), Partitions) == 1 && text.StartsWith($"m,host=h{host} ", StringComparison.Ordinal));

        using LaneRun expected = new LaneRun(Settings).Feed(Records.Where(static record => IsHere(record.Payload))).Finish();
        using LaneRun run = new LaneRun(Settings, placement: new(["host"], 1, Partitions)).Feed(Records).Finish();
        Assert.NotEmpty(expected.SortedLines);
        Assert.Equal(expected.SortedLines, run.SortedLines);
        string[] letters = run.DeadLetters.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Records.Count(static record => !IsHere(record.Payload)), letters.Length);
        Assert.All(letters, static letter => Assert.Contains("not-keyed: by series.placementKey this series belongs in partition ", letter, StringComparison.Ordinal));
        Assert.All(letters, static letter => Assert.Contains("repartition", letter, StringComparison.Ordinal));
    }

    [Fact]
    public void Restore_AfterTheTopicIsSaidToBeKeyed_LeavesOutWhatBelongsElsewhere()
    {
        using LaneRun before = new LaneRun(Settings).Feed(Records.Take(300));
        ByteBuffer frames = new();
        before.Lane.BeginCheckpoint(everything: true, frames);
        before.Lane.WriteSlice(int.MaxValue, frames);
        using LaneRun after = new(Settings, placement: new(["host"], 1, Partitions));
        LaneTests.Restore(after.Lane, frames, static (_, _) => null);
        after.Feed(Records.Skip(300));
        int here = Enumerable.Range(0, Hosts).Count(static host => PlacementKey.PartitionOf(Encoding.ASCII.GetBytes($"h{host}"), Partitions) == 1);
        Assert.Equal(here, after.Lane.Counters.Series);
    }

    [Fact]
    public void Places_SeriesOfTwoLanes_AreCountedAndToldOnceUntilOneLaneHasThemAlone()
    {
        List<string> told = [];
        SeriesPlaces places = new((lane, series, other) => told.Add($"{series.Display}: {lane.Id}, {other.Id}"));
        LaneRun first = new LaneRun(Settings, places: places).Feed(Records);
        using LaneRun second = new LaneRun(Settings, places: places).Feed(Records);
        Assert.Equal(0, first.Lane.Counters.NotKeyed);
        Assert.Equal(Hosts, second.Lane.Counters.NotKeyed);
        Assert.Single(told);
        Assert.Equal(first.Lines, second.Lines);

        first.Dispose();
        using LaneRun third = new LaneRun(Settings, places: places).Feed(Records);
        Assert.Equal(0, third.Lane.Counters.NotKeyed);
    }
}
