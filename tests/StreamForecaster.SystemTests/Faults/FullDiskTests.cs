using StreamForecaster.SystemTests.Brokers;
using StreamForecaster.SystemTests.Publishing;
using StreamForecaster.Worker.Configuration;

namespace StreamForecaster.SystemTests.Faults;

/// <summary>The disk of the state, then that of the spool, is really full under the running daemon: it says so, nothing is damaged, and it goes on
/// when there is room.</summary>
[Collection(SystemRun.Name)]
public sealed class FullDiskTests(RealKafka kafka) : IDisposable
{
    const int Partitions = 4;

    readonly SmallDisk _disk = new();

    public void Dispose() => _disk.Dispose();

    [Fact]
    public Task FullDisk_OfTheState_IsNamedAndGoesOn() => StateAsync("disk-full-short", series: 200, steps: 30, kills: 1);

    [Fact]
    public Task FullDisk_OfTheSpool_IsNamedAndGoesOn() => SpoolAsync("disk-full-short", series: 200, steps: 30);

    [LongFact("disk-full")]
    public Task FullDisk_OfTheState_AgainAndAgain() => StateAsync("disk-full", series: 1000, steps: 300, kills: 10);

    [LongFact("disk-full")]
    public Task FullDisk_OfTheSpoolOfManySeries_IsNamedAndGoesOn() => SpoolAsync("disk-full", series: 1000, steps: 100);

    async Task StateAsync(string name, int series, int steps, int kills)
    {
        const int Seed = 60;
        SkipWhereItCannotBe();
        await using FaultRun run = new(kafka, Partitions, name) { StateFolder = Path.Combine(_disk.Path, "state"), Change = WithInstance };
        await run.OpenAsync();
        using CancellationTokenSource end = new();
        Producing stream = new(kafka, new(Seed, run.Topic, Partitions, series, groups: 4), TimeSpan.FromMilliseconds(50));
        stream.UpTo(steps);
        Task producing = stream.RunAsync(end.Token);
        run.Start(0);
        await NamedAsync(run, _disk.Path, "state of ", "checkpoint of ");

        // What is there while the disk is full must lead on, too. A start that cannot take its lanes says so and ends.
        for (int kill = 0; kill < kills; kill++)
        {
            run.Processes[0]!.Kill();
            run.Histories.Remember();
            run.Start(0);
            ForecasterProcess process = run.Processes[0]!;
            process.MayEnd = true;
            await run.UntilAsync(() => process.Owns == Partitions || process.HasExited, "partitions, or an end that is explained");
            Assert.True(!process.HasExited || process.Log.Any(line => line.Contains($"No space left on device : '{_disk.Path}", StringComparison.Ordinal)), await process.DescribeAsync());
        }

        _disk.Grow();
        run.Start(0);
        await stream.ReachedAsync(steps);
        await run.CommittedAsync();
        await run.StopAsync(0);
        await EndAsync(name, run, end, producing, Seed, (long)series * steps);
    }

    async Task SpoolAsync(string name, int series, int steps)
    {
        const int Seed = 61;
        SkipWhereItCannotBe();
        await using FaultRun run = new(kafka, Partitions, name) { Change = (slot, settings) => OnSmallDisk(WithInstance(slot, settings)) };
        await run.OpenAsync();
        run.Database.Refuse(true);
        using CancellationTokenSource end = new();
        Producing stream = new(kafka, new(Seed, run.Topic, Partitions, series, groups: 4), TimeSpan.FromMilliseconds(50));
        stream.UpTo(steps);
        Task producing = stream.RunAsync(end.Token);
        run.Start(0);
        await NamedAsync(run, _disk.Path, "disk full");
        _disk.Grow();
        await stream.ReachedAsync(steps);
        run.Database.Refuse(false);
        await run.CommittedAsync();
        await run.StopAsync(0);
        await EndAsync(name, run, end, producing, Seed, (long)series * steps);
    }

    static async Task EndAsync(string name, FaultRun run, CancellationTokenSource end, Task producing, int seed, long records)
    {
        await end.CancelAsync();
        await producing;
        string? differing = run.Published.Differing();
        string? difference = await run.UndisturbedAsync();
        LongRun.Say(name, $"seed {seed}: {records} records, {run.Published.Count} results in {run.Published.Attempts} lines");
        Assert.True(differing is null, differing);
        Assert.True(difference is null, difference);
    }

    static async Task NamedAsync(FaultRun run, string path, params string[] words)
    {
        string said = "";
        for (int attempt = 0; attempt < 120; attempt++)
        {
            said = await run.Processes[0]!.DescribeAsync();
            if (words.Any(word => said.Contains(word, StringComparison.Ordinal)) && said.Contains(path, StringComparison.Ordinal))
            {
                return;
            }

            Assert.False(run.Processes[0]!.HasExited, said);
            await Task.Delay(500, TestContext.Current.CancellationToken);
        }

        Assert.Fail($"the full disk is not named: {said}");
    }

    static Settings WithInstance(int slot, Settings settings) => settings with
    {
        Kafka = settings.Kafka with { InstanceId = $"{settings.Kafka.GroupId}-{slot}" },
    };

    Settings OnSmallDisk(Settings settings) => settings with
    {
        Sinks = settings.Sinks with
        {
            Influx = [settings.Sinks.Influx[0] with { Spool = settings.Sinks.Influx[0].Spool with { Directory = _disk.Path } }],
        },
    };

    void SkipWhereItCannotBe()
    {
        Assert.SkipWhen(kafka.Missing is not null, kafka.Missing ?? "");
        Assert.SkipUnless(_disk.Mounted, "This process may not mount a small file system (tmpfs).");
    }
}
