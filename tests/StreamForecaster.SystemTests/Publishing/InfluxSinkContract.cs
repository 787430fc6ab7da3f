using System.Diagnostics.Metrics;
using StreamForecaster.Publishing;
using StreamForecaster.SystemTests.Databases;
using StreamForecaster.Worker.Publishing.Influx;
using StreamForecaster.Worker.Tests.Publishing;

namespace StreamForecaster.SystemTests.Publishing;

/// <summary>What must hold of the sink on every database that speaks InfluxDB's protocol.</summary>
public abstract class InfluxSinkContract : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("streamforecaster-spool-").FullName;

    protected InfluxSinkContract(Database database, InfluxApi api)
    {
        Database = database;
        Api = api;
    }

    internal RecordingSink DeadLetters { get; } = new();

    protected Database Database { get; }

    protected InfluxApi Api { get; }

    protected Meter Meter { get; } = new("StreamForecaster");

    public void Dispose()
    {
        Meter.Dispose();
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Write_SameResultsTwice_EachPointIsThereOnce()
    {
        const int Steps = 200;
        await CreateAsync("twice");
        SeriesLabels[] series = [.. Enumerable.Range(0, 25).Select(i => Results.Series("twice", i))];
        for (int run = 0; run < 2; run++)
        {
            await using InfluxSink sink = Sink("twice");
            for (int step = 0; step < Steps; step++)
            {
                sink.Enqueue(Results.Step(series, step));
            }

            await DeliveredAsync(sink);
            await AssertCountsAsync("twice", series.Length, Steps);
        }

        Assert.Empty(DeadLetters.Batches(new("rejected.influx.twice", 0)));
    }

    [Fact]
    public async Task Write_DatabaseAwayForAWhile_EachPointIsThereOnce()
    {
        await CreateAsync("away");
        SeriesLabels[] series = [.. Enumerable.Range(0, 20).Select(i => Results.Series("away", i))];
        int steps = 0;
        await using InfluxSink sink = Sink("away");
        await LoadAsync(10);
        await Database.StopAsync();
        await LoadAsync(60);
        await Wait.UntilAsync(() => sink.SpoolBytes > 0, () => $"results in the spool; {sink.Trouble}");
        await LoadAsync(60);
        await sink.FlushAsync(TestContext.Current.CancellationToken);
        await Database.StartAsync();
        await LoadAsync(10);
        await DeliveredAsync(sink);
        await AssertCountsAsync("away", series.Length, steps);

        async Task LoadAsync(int more)
        {
            for (int end = steps + more; steps < end; steps++)
            {
                await Wait.UntilAsync(() => sink.HasRoom, () => $"room; {sink.Trouble}");
                sink.Enqueue(Results.Step(series, steps));
                await Task.Delay(10, TestContext.Current.CancellationToken);
            }
        }
    }

    // Acknowledged may mean in the spool.
    internal static async Task DeliveredAsync(InfluxSink sink)
    {
        await sink.FlushAsync(TestContext.Current.CancellationToken);
        await Wait.UntilAsync(() => sink.SpoolBytes == 0 && sink.Healthy, () => $"spool empty: {sink.SpoolBytes} bytes; {sink.Trouble}");
    }

    protected async Task CreateAsync(string name)
    {
        Assert.SkipWhen(Database.Missing is not null, Database.Missing ?? "");
        await Database.CreateAsync(name);
    }

    internal InfluxSink Sink(string database, Func<InfluxOptions, InfluxOptions>? change = null)
    {
        InfluxOptions options = new()
        {
            Name = database,
            Url = Database.Url,
            Api = Api,
            Bucket = database,
            FirstDelay = TimeSpan.FromMilliseconds(50),
            MaxDelay = TimeSpan.FromMilliseconds(500),
            AlarmDelay = TimeSpan.FromMilliseconds(200),
            QueueBytes = 1 << 20,
            Spool = new() { Directory = _folder, After = TimeSpan.FromMilliseconds(200), SegmentBytes = 1 << 20 },
        };
        return new(change is null ? options : change(options), new() { Meter = Meter }, DeadLetters);
    }

    // A series' tags are its own host, the tag series, and for forecasts the horizon.
    async Task AssertCountsAsync(string database, int series, int steps)
    {
        KeyValuePair<string, long>[] forecasts = [];
        KeyValuePair<string, long>[] scores = [];

        // What VictoriaMetrics has answered for can be found a moment later.
        for (int attempt = 0; attempt < 100 && (forecasts.Length + scores.Length != 3 * series || !Complete()); attempt++)
        {
            await Task.Delay(attempt == 0 ? 0 : 100, TestContext.Current.CancellationToken);
            forecasts = await OwnAsync("forecast", "yhat");
            scores = await OwnAsync("anomaly", "anomaly_score");
        }

        Assert.Equal((2 * series, series), (forecasts.Length, scores.Length));
        Assert.All(forecasts.Concat(scores), count => Assert.Equal(steps, count.Value));
        string tags = $"host={database} 3,a=b,series=cpu load.usage_idle{{host={database} 3,a=b}}";
        Assert.Contains(scores, count => string.Equals(count.Key, tags, StringComparison.Ordinal));

        bool Complete() => forecasts.Concat(scores).All(count => count.Value == steps);

        // VictoriaMetrics keeps what other tests wrote at the same place.
        async Task<KeyValuePair<string, long>[]> OwnAsync(string measurement, string field) =>
            [.. (await Database.CountsAsync(database, measurement, field))
                .Where(count => count.Key.Contains($"host={database} ", StringComparison.Ordinal))];
    }
}
