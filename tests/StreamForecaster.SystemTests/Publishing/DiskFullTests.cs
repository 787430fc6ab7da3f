using System.Diagnostics.Metrics;
using StreamForecaster.Publishing;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Publishing;
using StreamForecaster.Worker.Publishing.Files;
using StreamForecaster.Worker.Publishing.Influx;

namespace StreamForecaster.SystemTests.Publishing;

/// <summary>A disk that is really full: named, nothing lost, nothing twice once there is room.</summary>
[Collection(SystemRun.Name)]
public sealed class DiskFullTests : IDisposable
{
    static readonly LaneId Lane = new("metrics", 0);

    readonly SmallDisk _disk = new();
    readonly Meter _meter = new("StreamForecaster");
    readonly SeriesLabels[] _series = [.. Enumerable.Range(0, 100).Select(i => Results.Series("disk", i))];
    int _steps;

    public void Dispose()
    {
        _disk.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public async Task FileSink_DiskFull_HoldsEveryLineOnceAfterwards()
    {
        Assert.SkipUnless(_disk.Mounted, "This process may not mount a small file system (tmpfs).");
        await using LineProtocolFileSink sink = new(new() { Directory = _disk.Path }, Context());
        sink.Restore(Lane, 0);
        await FillAsync(sink);
        Assert.StartsWith($"disk full: {_disk.Path}", sink.Trouble, StringComparison.Ordinal);
        _disk.Grow();
        await sink.FlushAsync(TestContext.Current.CancellationToken);
        Assert.True(sink.BeforeCommit([new(Lane, _steps)]));
        string[] lines = await File.ReadAllLinesAsync(
            Path.Combine(_disk.Path, "metrics-0.000001.lp"), TestContext.Current.CancellationToken);
        Assert.Equal(_steps * _series.Length * 3, lines.Length);
        Assert.Equal(lines.Length, lines.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task Spool_DiskFull_TakesEveryBatchOnceThereIsRoom()
    {
        Assert.SkipUnless(_disk.Mounted, "This process may not mount a small file system (tmpfs).");
        InfluxOptions options = new()
        {
            // Nobody listens there.
            Url = "http://127.0.0.1:9",
            Bucket = "disk",
            FirstDelay = TimeSpan.FromMilliseconds(50),
            Spool = new() { Directory = _disk.Path, After = TimeSpan.Zero },
        };
        await using InfluxSink sink = new(options, Context(), deadLetters: null);
        await FillAsync(sink, () => sink.Trouble?.StartsWith("disk full: ", StringComparison.Ordinal) == true);
        _disk.Grow();
        await sink.FlushAsync(TestContext.Current.CancellationToken);
        Assert.InRange(sink.SpoolBytes, 1 << 20, 64 << 20);
    }

    async Task FillAsync(ISink sink, Func<bool>? full = null)
    {
        full ??= () => !sink.Healthy;
        while (!full() && _steps < 2000)
        {
            sink.Enqueue(Results.Step(_series, _steps++));
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    SinkContext Context() => new() { Meter = _meter };
}
