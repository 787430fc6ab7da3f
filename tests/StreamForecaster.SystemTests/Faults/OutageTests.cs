using System.Diagnostics;
using System.Globalization;
using StreamForecaster.SystemTests.Brokers;
using StreamForecaster.Worker.Publishing.Influx;

namespace StreamForecaster.SystemTests.Faults;

/// <summary>The database is away while points come in: memory stays flat, everything is there afterwards, and soon.</summary>
[Collection(SystemRun.Name)]
public sealed class OutageTests(RealKafka kafka)
{
    const int Partitions = 4;

    // Between two halves of the outage, after the spool has begun.
    const double GrowthMax = 1.15;

    [Fact]
    public Task Outage_OfSeconds_LosesNothing() => RunAsync("outage-short", series: 1000, TimeSpan.FromSeconds(3), catchUpMin: 0, assertsMemory: false);

    [LongFact("outage")]
    public Task Outage_OfTenMinutes_LosesNothingInFlatMemory() => RunAsync("outage", series: 10_000, TimeSpan.FromMinutes(10), catchUpMin: 5, assertsMemory: true);

    async Task RunAsync(string name, int series, TimeSpan away, double catchUpMin, bool assertsMemory)
    {
        const int Seed = 40;
        Assert.SkipWhen(kafka.Missing is not null, kafka.Missing ?? "");
        int port = FreePort.Find();
        await using FaultRun run = new(kafka, Partitions, name)
        {
            Change = (_, settings) => settings with
            {
                // What is expected is counted: two results a step and series.
                Cohorts = new() { By = [] },
                Kafka = settings.Kafka with { IdleAfter = TimeSpan.FromHours(1) },
                Sinks = settings.Sinks with { Influx = [Usual(settings.Sinks.Influx[0], port)] },
            },
        };
        await run.OpenAsync();
        using CancellationTokenSource end = new();
        Producing stream = new(kafka, new(Seed, run.Topic, Partitions, series, groups: 4), TimeSpan.FromSeconds(1));
        stream.UpTo(int.MaxValue);
        Task producing = stream.RunAsync(end.Token);

        // Nobody listens on the port yet.
        run.Start(0);
        await run.UntilAsync(() => run.SpooledBytes(0) > 0, "the spool in use");
        List<double> megabytes = [];
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < away)
        {
            await Task.Delay(500, TestContext.Current.CancellationToken);
            megabytes.Add(run.Processes[0]!.ResidentBytes / 1e6);
        }

        stream.UpTo(0);
        long backlog = run.SpooledBytes(0);
        await using RecordingDatabase database = await RecordingDatabase.StartAsync(port);
        long back = Stopwatch.GetTimestamp();
        await run.CommittedAsync();
        await run.DrainedAsync(0);
        double seconds = Stopwatch.GetElapsedTime(back).TotalSeconds;
        await end.CancelAsync();
        await producing;
        await run.StopAsync(0);

        double first = Median(megabytes.Take(megabytes.Count / 2)), second = Median(megabytes.Skip(megabytes.Count / 2));
        LongRun.Say(name, $"seed {Seed}: away for {away.TotalSeconds:F0} s, {stream.Written} steps of {series} series, {backlog / 1e6:F0} MB in the spool");
        LongRun.Say(name, $"{database.Lines.Count} results after {seconds:F1} s: {away.TotalSeconds / seconds:F1} times real time; resident {first:F0} MB, then {second:F0} MB");
        Assert.True(database.Lines.Differing() is null, database.Lines.Differing());

        // The last two steps are not closed, and the first one of a series is its probation.
        Assert.Equal(2 * series * (stream.Written - 3), database.Lines.Results);
        Assert.True(away.TotalSeconds / seconds >= catchUpMin, $"caught up at {away.TotalSeconds / seconds:F1} times real time");
        Assert.True(!assertsMemory || second < first * GrowthMax, $"resident {first:F0} MB, then {second:F0} MB");
    }

    static InfluxOptions Usual(InfluxOptions options, int port) => options with
    {
        Url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"),
        RequestLines = new InfluxOptions().RequestLines,
        Gzip = false,
        Spool = options.Spool with { SegmentBytes = 1 << 24 },
    };

    static double Median(IEnumerable<double> values)
    {
        double[] ordered = [.. values.Order()];
        return ordered[ordered.Length / 2];
    }
}
