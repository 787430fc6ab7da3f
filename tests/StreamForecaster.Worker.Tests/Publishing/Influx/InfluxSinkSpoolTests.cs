using System.Diagnostics.Metrics;
using StreamForecaster.Worker.Publishing;
using StreamForecaster.Worker.Publishing.Influx;

namespace StreamForecaster.Worker.Tests.Publishing.Influx;

/// <summary>The database goes away, and comes back, and the process does too.</summary>
public sealed class InfluxSinkSpoolTests : IAsyncLifetime, IDisposable
{
    readonly Meter _meter = new("StreamForecaster");
    readonly TemporaryFolder _folder = new();
    readonly CapturedLog _log = new();
    readonly FullDisk _disk = new();
    FakeInflux _server = null!;

    public async ValueTask InitializeAsync() => _server = await FakeInflux.StartAsync();

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    public void Dispose()
    {
        _folder.Dispose();
        _meter.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task Enqueue_ServerAway_IsAcknowledgedFromTheSpoolAndDrainedInOrder()
    {
        _server.Down = 503;
        await using InfluxSink sink = Sink();
        for (int i = 0; i < 50; i++)
        {
            ResultBatch batch = Batches.Forecasts("a", 1000 + (i * 10), 10);
            Task acknowledged = batch.AcknowledgedAsync();
            sink.Enqueue(batch);
            await acknowledged;
        }

        Assert.True(sink.SpoolBytes > 0);
        Assert.Empty(_server.Points);
        _server.Down = null;
        await Poll.UntilAsync(() => _server.Points.Count == 500 && sink.SpoolBytes == 0, "everything is there");
        Assert.Equal(
            Enumerable.Range(1000, 500),
            _server.Requests.SelectMany(request => request.Lines).Select(line => int.Parse(line.AsSpan(line.LastIndexOf(' ') + 1))));
        await Poll.UntilAsync(() => sink.Healthy, "healthy again");
        ResultBatch last = Batches.Forecasts("a", 5000, 1);
        Task written = last.AcknowledgedAsync();
        sink.Enqueue(last);
        await written;
        Assert.Equal(501, _server.Points.Count);
        Assert.Equal(0, sink.SpoolBytes);
    }

    [Fact]
    public async Task Start_WithAFilledSpool_SendsItBeforeAnythingNew()
    {
        _server.Down = 503;
        await using (InfluxSink sink = Sink())
        {
            await Write(sink, Batches.Forecasts("a", 1000, 300));
        }

        Assert.Empty(_server.Points);
        _server.Down = null;
        await using InfluxSink next = Sink();
        await Write(next, Batches.Forecasts("b", 1000, 1));
        await Poll.UntilAsync(() => _server.Points.Count == 301, "everything is there");
        string[] lines = [.. _server.Requests.SelectMany(request => request.Lines)];
        Assert.Contains("series=a", lines[0], StringComparison.Ordinal);
        Assert.Contains("series=b", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dispose_ServerAway_WhatWaitsInMemoryIsInTheSpool()
    {
        _server.Down = 503;
        ResultBatch batch = Batches.Forecasts("a", 1000, 30);
        Task acknowledged = batch.AcknowledgedAsync();
        await using (InfluxSink sink = Sink(options => options with { Spool = options.Spool with { After = TimeSpan.FromHours(1) } }))
        {
            sink.Enqueue(batch);
            await Poll.UntilAsync(() => !sink.Healthy, "the server refused");
            Assert.False(acknowledged.IsCompleted);
        }

        await acknowledged;
        _server.Down = null;
        await using InfluxSink next = Sink();
        await Poll.UntilAsync(() => _server.Points.Count == 30, "everything is there");
    }

    [Fact]
    public async Task Enqueue_SpoolFull_LeavesTheRestInMemoryAndHasNoRoom()
    {
        _server.Down = 503;
        await using InfluxSink sink = Sink(options => options with
        {
            QueueBytes = 8192,
            Spool = options.Spool with { MaxBytes = 1 << 16, SegmentBytes = 4096 },
        });
        int enqueued = 0;
        for (int quiet = 0; quiet < 20;)
        {
            if (sink.HasRoom)
            {
                sink.Enqueue(Batches.Forecasts("a", 1000 + (50 * enqueued++), 50));
                quiet = 0;
            }
            else
            {
                quiet++;
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }
        }

        Assert.InRange(sink.SpoolBytes, 1 << 15, 1 << 16);
        Assert.StartsWith("spool full", sink.Trouble, StringComparison.Ordinal);
        _server.Down = null;
        await sink.FlushAsync(TestContext.Current.CancellationToken);
        await Poll.UntilAsync(() => _server.Points.Count == enqueued * 50 && sink.SpoolBytes == 0, "everything is there");
        await Poll.UntilAsync(() => sink.Healthy, "healthy again");
    }

    [Fact]
    public async Task Enqueue_SpoolDiskFull_IsNamedAndGoesOnWhenSpaceReturns()
    {
        _server.Down = 503;
        _disk.Full = true;
        await using InfluxSink sink = Sink();
        ResultBatch batch = Batches.Forecasts("a", 1000, 30);
        Task acknowledged = batch.AcknowledgedAsync();
        sink.Enqueue(batch);
        await Poll.UntilAsync(() => sink.Trouble?.StartsWith("disk full: ", StringComparison.Ordinal) == true, "disk full is named");
        Assert.False(acknowledged.IsCompleted);
        _disk.Full = false;
        await acknowledged;
        Assert.True(sink.SpoolBytes > 0);
        _server.Down = null;
        await Poll.UntilAsync(() => _server.Points.Count == 30 && sink.SpoolBytes == 0, "everything is there");
    }

    [Fact]
    public async Task Enqueue_ServerComingAndGoing_EveryPointIsThereOnce()
    {
        Random random = new(3);
        await using InfluxSink sink = Sink(options => options with { QueueBytes = 64 << 10, RequestLines = 200 });
        const int Count = 400;
        for (int i = 0; i < Count; i++)
        {
            if (random.Next(10) == 0)
            {
                _server.Down = _server.Down is null ? 503 : null;
            }

            if (random.Next(10) == 0)
            {
                _server.Plays(Plays.CutAfterWriting, Plays.CutInBody);
            }

            await Poll.UntilAsync(() => sink.HasRoom, "room");
            sink.Enqueue(Batches.Forecasts("a", 1000 + (i * 10), 10));
            await Task.Delay(random.Next(5), TestContext.Current.CancellationToken);
        }

        _server.Down = null;
        await sink.FlushAsync(TestContext.Current.CancellationToken);
        await Poll.UntilAsync(() => _server.Points.Count == Count * 10 && sink.SpoolBytes == 0, "everything is there");
    }

    [Fact]
    public async Task Enqueue_RequestsThatEndWhileTheirBatchesAreSpooled_AreAcknowledgedOnce()
    {
        for (int round = 0; round < 10; round++)
        {
            // As long as the sink waits before it looks at its queue.
            _server.Plays(Plays.Slow(TimeSpan.FromMilliseconds(48 + round)));
            await using InfluxSink sink = Sink(options => options with { QueueBytes = 4096, Linger = TimeSpan.Zero });
            ResultBatch[] batches = [.. Enumerable.Range(0, 10).Select(i => Batches.Forecasts("a", 1000 + (100 * round) + (10 * i), 10))];
            Task all = Task.WhenAll(batches.Select(batch => batch.AcknowledgedAsync()));
            await Write(sink, batches);
            await all;
            await Poll.UntilAsync(() => sink.SpoolBytes == 0, "the spool is empty");
            Assert.Equal(100 * (round + 1), _server.Points.Count);
            Assert.True(sink.Healthy, sink.Trouble);
        }
    }

    [Fact]
    public async Task Drain_SeveralRequestsAtOnce_EverySeriesLinesKeepTheirOrder()
    {
        _server.Down = 503;
        await using InfluxSink sink = Sink(options => options with { RequestLines = 50, Requests = 4 });
        for (int i = 0; i < 100; i++)
        {
            // An event's later lines overwrite the earlier ones.
            await Write(sink, Batches.Of(i + 1, [.. Enumerable.Range(0, 20).Select(series => $"anomaly_event,series=s{series} peak={i} 1000000000")]));
        }

        _server.Plays([.. Enumerable.Repeat(Plays.Slow(TimeSpan.FromMilliseconds(20)), 3)]);
        _server.Down = null;
        await Poll.UntilAsync(() => sink.SpoolBytes == 0 && sink.Healthy, "everything is sent");

        Assert.Equal(20, _server.Points.Count);
        Assert.All(_server.Points.Values, static fields => Assert.Equal("peak=99", fields));
    }

    static async Task Write(InfluxSink sink, params ResultBatch[] batches)
    {
        foreach (ResultBatch batch in batches)
        {
            sink.Enqueue(batch);
        }

        await sink.FlushAsync(TestContext.Current.CancellationToken);
    }

    InfluxSink Sink(Func<InfluxOptions, InfluxOptions>? change = null)
    {
        InfluxOptions options = new()
        {
            Name = "test",
            Url = _server.Url,
            Bucket = "metrics",
            FirstDelay = TimeSpan.FromMilliseconds(10),
            MaxDelay = TimeSpan.FromMilliseconds(50),
            Linger = TimeSpan.FromMilliseconds(5),
            Timeout = TimeSpan.FromSeconds(2),
            Spool = new() { Directory = _folder.Path, After = TimeSpan.FromMilliseconds(20), SegmentBytes = 8192 },
        };
        return new(change is null ? options : change(options), new() { Meter = _meter, Logs = _log, Write = _disk.Write }, null);
    }
}
