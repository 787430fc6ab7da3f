using System.Globalization;
using StreamForecaster.SystemTests.Brokers;

namespace StreamForecaster.SystemTests.Faults;

/// <summary>Processes come and go under load: nothing is missing, nothing comes twice with other bytes, and a partition that moves pauses for
/// a short time.</summary>
[Collection(SystemRun.Name)]
public sealed class RebalanceTests(RealKafka kafka)
{
    [Fact]
    public Task Rebalance_OneToTwoToOne_MissesNothing() =>
        RunAsync("rebalance-short", processes: 2, partitions: 4, series: 200, TimeSpan.FromMilliseconds(100), stay: 25, pauseMax: null);

    [LongFact("rebalance")]
    public Task Rebalance_OneToFourToOne_MissesNothingAndPausesShortly() => RunAsync(
        "rebalance", processes: 4, partitions: 12, series: 10_000, TimeSpan.FromSeconds(2), stay: 20, pauseMax: TimeSpan.FromSeconds(5));

    async Task RunAsync(string name, int processes, int partitions, int series, TimeSpan stepEvery, int stay, TimeSpan? pauseMax)
    {
        const int Seed = 30;
        Assert.SkipWhen(kafka.Missing is not null, kafka.Missing ?? "");
        await using FaultRun run = new(kafka, partitions, name)
        {
            Change = static (_, settings) => settings with { Kafka = settings.Kafka with { CommitInterval = TimeSpan.FromMilliseconds(200) } },
        };
        await run.OpenAsync();
        using CancellationTokenSource end = new();
        Producing stream = new(kafka, new(Seed, run.Topic, partitions, series, groups: 4), stepEvery);
        stream.UpTo(int.MaxValue);
        Task producing = stream.RunAsync(end.Token);
        run.Start(0);
        await run.UntilAsync(() => run.Published.Count > series * 4, "the first results");
        for (int slot = 1; slot < processes; slot++)
        {
            run.Start(slot);
            await StayAsync(run, stream, slot, stay);
        }

        for (int slot = processes - 1; slot > 0; slot--)
        {
            await run.StopAsync(slot);
            await StayAsync(run, stream, 0, stay);
        }

        stream.UpTo(0);
        await run.CommittedAsync();
        await run.StopAsync(0);
        await end.CancelAsync();
        await producing;

        List<TimeSpan> pauses = Pauses(run.Published, partitions);
        string? differing = run.Published.Differing();
        string? difference = await run.UndisturbedAsync();
        LongRun.Say(name, $"seed {Seed}: {stream.Written} steps of {series} series, {run.Published.Count} results in {run.Published.Attempts} lines");
        LongRun.Say(name, $"{pauses.Count} partitions moved, pauses: median {pauses.Order().ElementAt(pauses.Count / 2).TotalSeconds:F1} s, longest {pauses.Max().TotalSeconds:F1} s (steps come every {stepEvery.TotalSeconds:F1} s)");
        Assert.True(differing is null, differing);
        Assert.True(difference is null, difference);
        Assert.True(pauseMax is null || pauses.Max() <= pauseMax, $"a partition paused for {pauses.Max()}");
    }

    static async Task StayAsync(FaultRun run, Producing stream, int owner, int steps)
    {
        await run.UntilAsync(() => run.Processes[owner]!.Owns > 0, "partitions of its own");
        int from = stream.Written;
        await run.UntilAsync(() => stream.Written >= from + steps, "the load goes on");
    }

    // From the last new result that one process had of a partition to the first that another has.
    static List<TimeSpan> Pauses(WrittenLines lines, int partitions)
    {
        List<TimeSpan> pauses = [];
        HashSet<string> known = new(StringComparer.Ordinal);
        (TimeSpan At, string Writer)[] last = new (TimeSpan, string)[partitions];
        foreach ((TimeSpan at, string writer, string line) in lines.Diary())
        {
            int rack = line.IndexOf(",rack=r", StringComparison.Ordinal) + ",rack=r".Length;
            int partition = int.Parse(line.AsSpan(rack, line.AsSpan(rack).IndexOf(',')), CultureInfo.InvariantCulture);
            if (!known.Add(string.Concat(line.AsSpan(0, line.IndexOf('}')), line.AsSpan(line.LastIndexOf(' ')))))
            {
                continue;
            }

            if (last[partition].Writer is string before && !string.Equals(before, writer, StringComparison.Ordinal))
            {
                pauses.Add(at - last[partition].At);
            }

            last[partition] = (at, writer);
        }

        return pauses;
    }
}
