using System.Diagnostics.Metrics;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Publishing;
using StreamForecaster.Worker.Publishing.Files;

namespace StreamForecaster.Worker.Tests.Publishing.Files;

public sealed class LineProtocolFileSinkTests : IDisposable
{
    readonly TemporaryFolder _folder = new();
    readonly Meter _meter = new("StreamForecaster");
    readonly FullDisk _disk = new();

    public void Dispose()
    {
        _folder.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public async Task Enqueue_TwoLanes_WritesOneFileEach()
    {
        await using (LineProtocolFileSink sink = Sink())
        {
            await Write(sink, Batches.Of(1, "a 1"), Batches.Of(new LaneId("other", 3), 1, "b 1"), Batches.Of(2, "c 2"));
        }

        Assert.Equal("a 1\nc 2\n", Read("metrics-0.000001.lp"));
        Assert.Equal("b 1\n", Read("other-3.000001.lp"));
    }

    [Fact]
    public async Task Restore_AfterUncommittedBatches_CutsToTheMark()
    {
        await using (LineProtocolFileSink sink = Sink())
        {
            sink.Restore(Batches.Lane, 0);
            await Write(sink, Batches.Of(10, "a 1"), Batches.Of(20, "b 2"));
            Assert.True(Commit(sink, 10));
            await Write(sink, Batches.Of(30, "c 3"));
        }

        await using (LineProtocolFileSink sink = Sink())
        {
            sink.Restore(Batches.Lane, 10);
            Assert.Equal("a 1\n", Read("metrics-0.000001.lp"));
            await Write(sink, Batches.Of(20, "b 2"));
        }

        Assert.Equal("a 1\nb 2\n", Read("metrics-0.000001.lp"));
    }

    [Fact]
    public async Task Restore_CommitThatWasMarkedButNeverHappened_CutsToTheOlderMark()
    {
        await using (LineProtocolFileSink sink = Sink())
        {
            sink.Restore(Batches.Lane, 0);
            await Write(sink, Batches.Of(10, "a 1"));
            Commit(sink, 10);
            await Write(sink, Batches.Of(20, "b 2"));
            Commit(sink, 20);
        }

        await using LineProtocolFileSink next = Sink();
        next.Restore(Batches.Lane, 0);
        Assert.Equal("", Read("metrics-0.000001.lp"));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(15)]
    public async Task Restore_WithoutAMark_StartsANewFile(long offset)
    {
        await using (LineProtocolFileSink sink = Sink())
        {
            await Write(sink, Batches.Of(10, "a 1"));
            Commit(sink, 10);
        }

        await using (LineProtocolFileSink sink = Sink())
        {
            sink.Restore(Batches.Lane, offset);
            await Write(sink, Batches.Of(20, "b 2"));
        }

        Assert.Equal("a 1\n", Read("metrics-0.000001.lp"));
        Assert.Equal("b 2\n", Read("metrics-0.000002.lp"));
    }

    [Fact]
    public async Task Enqueue_FileAtItsLimit_GoesOnInTheNextAndRestoreDeletesIt()
    {
        await using (LineProtocolFileSink sink = Sink(rotateBytes: 4))
        {
            sink.Restore(Batches.Lane, 0);
            await Write(sink, Batches.Of(10, "a 1"));
            Commit(sink, 10);
            await Write(sink, Batches.Of(20, "b 2"));
        }

        Assert.Equal("b 2\n", Read("metrics-0.000002.lp"));
        await using LineProtocolFileSink next = Sink();
        next.Restore(Batches.Lane, 10);
        Assert.Equal("a 1\n", Read("metrics-0.000001.lp"));
        Assert.False(File.Exists(Path.Combine(_folder.Path, "metrics-0.000002.lp")));
    }

    [Fact]
    public async Task Restore_MarkLogWithATornTail_UsesTheWholeMarks()
    {
        await using (LineProtocolFileSink sink = Sink())
        {
            sink.Restore(Batches.Lane, 0);
            await Write(sink, Batches.Of(10, "a 1"));
            Commit(sink, 10);
            await Write(sink, Batches.Of(20, "b 2"));
        }

        await File.AppendAllTextAsync(
            Path.Combine(_folder.Path, "metrics-0.marks"), "10 1 9999 0000", TestContext.Current.CancellationToken);
        await using LineProtocolFileSink next = Sink();
        next.Restore(Batches.Lane, 10);
        Assert.Equal("a 1\n", Read("metrics-0.000001.lp"));
    }

    [Fact]
    public async Task Enqueue_DiskFull_NamesItKeepsTheBatchAndWritesItOnceLater()
    {
        await using (LineProtocolFileSink sink = Sink())
        {
            sink.Restore(Batches.Lane, 0);
            _disk.Full = true;
            ResultBatch batch = Batches.Of(10, "a 1");
            Task acknowledged = batch.AcknowledgedAsync();
            sink.Enqueue(batch);
            await Poll.UntilAsync(() => _disk.Refusals > 0 && !sink.Healthy, "the disk refused");
            Assert.StartsWith("disk full: ", sink.Trouble, StringComparison.Ordinal);
            Assert.False(acknowledged.IsCompleted);
            _disk.Full = false;
            await acknowledged;
            Assert.True(sink.Healthy);
        }

        Assert.Equal("a 1\n", Read("metrics-0.000001.lp"));
    }

    [Fact]
    public async Task BeforeCommit_DiskFull_SaysNoAndMarksNextTime()
    {
        await using (LineProtocolFileSink sink = Sink())
        {
            sink.Restore(Batches.Lane, 0);
            await Write(sink, Batches.Of(10, "a 1"));
            _disk.Full = true;
            Assert.False(Commit(sink, 10));
            _disk.Full = false;
            Assert.True(Commit(sink, 10));
        }

        await using LineProtocolFileSink next = Sink();
        next.Restore(Batches.Lane, 10);
        Assert.Equal("a 1\n", Read("metrics-0.000001.lp"));
    }

    [Fact]
    public async Task HasRoom_QueueFull_IsFalseUntilWritten()
    {
        await using LineProtocolFileSink sink = Sink();
        sink.Restore(Batches.Lane, 0);
        _disk.Full = true;
        ResultBatch batch = Batches.Of(10, new string('a', 5000));
        Task acknowledged = batch.AcknowledgedAsync();
        sink.Enqueue(batch);
        Assert.False(sink.HasRoom);
        _disk.Full = false;
        await acknowledged;
        Assert.True(sink.HasRoom);
    }

    [Fact]
    public async Task DeadLetters_OnlyTheirLines_AreWritten()
    {
        await using (DeadLetterFileSink sink = new(Options(1 << 20), Context()))
        {
            ResultBatch batch = Batches.Of(10, "a 1");
            batch.DeadLetters.Append("{\"reason\":\"x\"}\n"u8);
            batch.DeadLetterCount = 1;
            await Write(sink, batch);
        }

        Assert.Equal("{\"reason\":\"x\"}\n", Read("metrics-0.000001.jsonl"));
    }

    static bool Commit(LineProtocolFileSink sink, long offset) => sink.BeforeCommit([new(Batches.Lane, offset)]);

    static async Task Write(ISink sink, params ResultBatch[] batches)
    {
        foreach (ResultBatch batch in batches)
        {
            sink.Enqueue(batch);
        }

        await sink.FlushAsync(TestContext.Current.CancellationToken);
    }

    LineProtocolFileSink Sink(long rotateBytes = 1 << 20) => new(Options(rotateBytes), Context());

    FileSinkOptions Options(long rotateBytes) => new() { Directory = _folder.Path, RotateBytes = rotateBytes, QueueBytes = 4096 };

    SinkContext Context() => new() { Meter = _meter, Write = _disk.Write };

    string Read(string name) => File.ReadAllText(Path.Combine(_folder.Path, name));
}
