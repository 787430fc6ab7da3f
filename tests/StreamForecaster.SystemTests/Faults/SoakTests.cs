using System.Diagnostics;
using StreamForecaster.SystemTests.Brokers;

namespace StreamForecaster.SystemTests.Faults;

/// <summary>Full speed for a long time with a training each minute: memory, handles and threads stay as they are.</summary>
[Collection(SystemRun.Name)]
public sealed class SoakTests(RealKafka kafka)
{
    const int Partitions = 4;
    const double GrowthMax = 1.03;

    // Steps that wait in the topic.
    const int Ahead = 100;

    [Fact]
    public Task Soak_OfSeconds_Samples() => RunAsync("soak-short", series: 200, TimeSpan.FromSeconds(4), TimeSpan.FromMilliseconds(250), asserts: false);

    [LongFact("soak")]
    public Task Soak_OfHalfAnHour_IsFlat() => RunAsync("soak", series: 2000, TimeSpan.FromMinutes(30), TimeSpan.FromSeconds(5), asserts: true);

    async Task RunAsync(string name, int series, TimeSpan lasts, TimeSpan every, bool asserts)
    {
        const int Seed = 70;
        Assert.SkipWhen(kafka.Missing is not null, kafka.Missing ?? "");
        await using FaultRun run = new(kafka, Partitions, name)
        {
            Collects = true,
            Change = static (_, settings) => settings with
            {
                Kafka = settings.Kafka with { IdleAfter = TimeSpan.FromHours(1) },
                State = settings.State with { CheckpointEvery = TimeSpan.FromSeconds(10) },
            },
        };
        await run.OpenAsync();

        // Only the lines' number is of interest, for half an hour at full speed.
        run.Database.Lines.CountOnly = true;
        using CancellationTokenSource end = new();
        Producing stream = new(kafka, new(Seed, run.Topic, Partitions, series, groups: 4), TimeSpan.Zero);
        stream.UpTo(Ahead);
        Task producing = stream.RunAsync(end.Token);
        run.Start(0);
        await run.UntilAsync(() => run.Published.Attempts > series, "the first results");
        List<ProcessSample> samples = [];
        long start = Stopwatch.GetTimestamp(), stateBytes = run.Processes[0]!.WrittenBytes, from = stream.Written;
        long sampled = start;
        while (Stopwatch.GetElapsedTime(start) < lasts)
        {
            // As fast as it takes them, and not faster.
            stream.UpTo((int)(run.Published.Attempts / (2 * series)) + Ahead);
            await Task.Delay(20, TestContext.Current.CancellationToken);
            if (Stopwatch.GetElapsedTime(sampled) >= every)
            {
                sampled = Stopwatch.GetTimestamp();
                await run.Processes[0]!.CollectAsync();
                samples.Add(run.Processes[0]!.Sample());
            }
        }

        double points = (double)(stream.Written - from) * series;
        double written = run.Processes[0]!.WrittenBytes - stateBytes;
        await end.CancelAsync();
        await producing;
        await run.StopAsync(0);
        ProcessSample second = Median(samples, 1), last = Median(samples, 2);
        LongRun.Say(name, $"seed {Seed}: {points:F0} points in {lasts.TotalSeconds:F0} s, {run.Published.Attempts} lines, {written / points:F1} bytes of state and spool written a point");
        LongRun.Say(name, $"medians of the second and the last third: resident {second.ResidentBytes / 1e6:F1} and {last.ResidentBytes / 1e6:F1} MB, handles {second.Handles} and {last.Handles}, threads {second.Threads} and {last.Threads}");
        Assert.All(samples, static sample => Assert.True(sample is { ResidentBytes: > 0, Handles: > 0, Threads: > 0 }));
        Assert.True(!asserts || last.ResidentBytes < GrowthMax * second.ResidentBytes, $"resident {second.ResidentBytes}, then {last.ResidentBytes}");
        Assert.True(!asserts || (last.Handles <= second.Handles + 2 && last.Threads <= second.Threads + 2), $"{second}, then {last}");
    }

    static ProcessSample Median(List<ProcessSample> samples, int third)
    {
        ProcessSample[] part = [.. samples.Skip(samples.Count * third / 3).Take(Math.Max(1, samples.Count / 3))];
        return new(
            part.Select(static s => s.ResidentBytes).Order().ElementAt(part.Length / 2),
            part.Select(static s => s.Handles).Order().ElementAt(part.Length / 2),
            part.Select(static s => s.Threads).Order().ElementAt(part.Length / 2));
    }
}
