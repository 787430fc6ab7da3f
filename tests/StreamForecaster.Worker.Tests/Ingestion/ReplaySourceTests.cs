using StreamForecaster.Worker.Ingestion.Replay;
using StreamForecaster.Worker.Tests.Publishing;

namespace StreamForecaster.Worker.Tests.Ingestion;

public sealed class ReplaySourceTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Run_FolderOfCsvs_IsALanePerFileAndARecordPerRow()
    {
        Write("b/two.csv", "timestamp,value\n2014-02-14 14:30:00,1.5\n2014-02-14 14:35:00,2\n");
        Write("a/one.csv", "time,x,y z\n1700000000,1,2\n");
        RecordingLanes lanes = Replay(new() { Paths = [_folder.Path] });

        Assert.Equal(
            [
                ("replay-0", 0L, 1_700_000_000_000, @"a/one x=1,y\ z=2 1700000000000000000"),
                ("replay-1", 0, 1_392_388_200_000, "b/two value=1.5 1392388200000000000"),
                ("replay-1", 1, 1_392_388_500_000, "b/two value=2 1392388500000000000"),
            ],
            lanes.Records.Select(record => (record.Lane.ToString(), record.Offset, record.TimestampMs, record.Value)));
        Assert.Equal(2, lanes.Ended.Count);
        Assert.Equal(2, lanes.Closed.Count);
    }

    [Fact]
    public void Run_OneLane_MergesByTime()
    {
        Write("a.csv", "timestamp,value\n1700000100,1\n1700000300,3\n");
        Write("b.lp", "# a comment\nm v=2 1700000200000000000\n\nm v=4 1700000400000000000\n");
        RecordingLanes lanes = Replay(new() { Paths = [_folder.Path], OneLane = true });

        Assert.Equal([1_700_000_100_000L, 1_700_000_200_000, 1_700_000_300_000, 1_700_000_400_000], lanes.Records.Select(record => record.TimestampMs));
        Assert.Equal([0L, 1, 2, 3], lanes.Records.Select(record => record.Offset));
        Assert.Single(lanes.Ended);
    }

    [Fact]
    public void Run_RowThatMakesNoSense_IsARecordAsItStands()
    {
        Write("a.csv", "timestamp,value\n100,1\nyesterday,2\n200,\n300,3\n");
        RecordingLanes lanes = Replay(new() { Paths = [_folder.Path] });

        Assert.Equal(
            ["a value=1 100000000000", "yesterday,2", "200,", "a value=3 300000000000"],
            lanes.Records.Select(record => record.Value));
        Assert.Equal([100_000L, 100_000, 100_000, 300_000], lanes.Records.Select(record => record.TimestampMs));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public void Run_AnyBatchSizeAndLanesThatAreFullAtTimes_DeliversTheSame(int maxBatchRecords)
    {
        Write("a.csv", "timestamp,value\n" + string.Concat(Enumerable.Range(0, 100).Select(i => $"{1000 + i},{i}\n")));
        Write("b.csv", "timestamp,value\n" + string.Concat(Enumerable.Range(0, 50).Select(i => $"{1000 + i},{i}\n")));
        int asked = 0;
        RecordingLanes lanes = Replay(
            new() { Paths = [_folder.Path], MaxBatchRecords = maxBatchRecords }, new() { Room = _ => asked++ % 3 == 0 });

        Assert.Equal(
            Enumerable.Range(0, 100).Select(i => (long)i),
            lanes.Records.Where(record => record.Lane.Partition == 0).Select(record => record.Offset));
        Assert.Equal(50, lanes.Records.Count(record => record.Lane.Partition == 1));
    }

    [Fact]
    public void Run_LaneThatStartsLater_PassesOverWhatItHas()
    {
        Write("a.csv", "timestamp,value\n100,1\n200,2\n300,3\n");
        RecordingLanes lanes = Replay(new() { Paths = [_folder.Path] }, new() { Start = _ => 2 });

        Assert.Equal([2L], lanes.Records.Select(record => record.Offset));
    }

    [Fact]
    public void Create_NothingThere_SaysSo()
    {
        Assert.Contains("neither a file nor a folder", Refusal(Path.Combine(_folder.Path, "absent")));
        Assert.Contains("No .csv or .lp file", Refusal(_folder.Path));
    }

    [Theory]
    [InlineData("1700000000", 1_700_000_000_000_000_000)]
    [InlineData("1700000000.25", 1_700_000_000_250_000_000)]
    [InlineData("1700000000123", 1_700_000_000_123_000_000)]
    [InlineData("1700000000123456", 1_700_000_000_123_456_000)]
    [InlineData("1700000000123456789", 1_700_000_000_123_456_789)]
    [InlineData("2023-11-14T22:13:20.5Z", 1_700_000_000_500_000_000)]
    [InlineData("2023-11-14 22:13:20", 1_700_000_000_000_000_000)]
    public void TimeColumn_EveryWayToWriteATime_IsNanoseconds(string text, long timestampNs)
    {
        Assert.True(TimeColumn.TryParse(text, out long parsed));
        Assert.Equal(timestampNs, parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("soon")]
    [InlineData("1e30")]
    [InlineData("9999-01-01T00:00:00Z")]
    public void TimeColumn_NoTimeThatFits_IsRefused(string text) => Assert.False(TimeColumn.TryParse(text, out _));

    static RecordingLanes Replay(ReplayOptions options, RecordingLanes? lanes = null)
    {
        lanes ??= new();
        ReplaySource source = new(options);
        source.Run(lanes, TestContext.Current.CancellationToken);
        Assert.Equal(1, source.Progress);
        return lanes;
    }

    static string Refusal(string path) =>
        Assert.Throws<InvalidOperationException>(() => new ReplaySource(new() { Paths = [path] })).Message;

    void Write(string name, string text)
    {
        string path = Path.Combine(_folder.Path, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
