using System.Diagnostics;
using StreamForecaster.SystemTests.Brokers;
using StreamForecaster.Windowing;
using StreamForecaster.Worker.Training;

namespace StreamForecaster.SystemTests.Faults;

/// <summary>A process that is killed and started again over a stream that goes on, with a second one beside it in the rebalances.</summary>
sealed class KillRun(RealKafka kafka, KillPlan plan, string name) : FaultRun(kafka, plan.Partitions, name)
{
    static readonly TimeSpan RebalanceLimit = TimeSpan.FromSeconds(20);

    readonly Random _random = new(plan.Seed);
    readonly Dictionary<KillMoment, int> _hits = [];
    KillMoments _moments = null!;
    int _main;

    /// <summary>Kills that were seen inside their moment.</summary>
    internal IReadOnlyDictionary<KillMoment, int> Hits => _hits;

    /// <summary>Versions that training brought.</summary>
    internal int Trained => _moments.Trained;

    /// <summary>Produces, kills, starts again, and waits until all is published and committed.</summary>
    internal async Task RunAsync()
    {
        await OpenAsync();
        _moments = new(
            Database, Histories, Path.Combine(StateFolder, "lanes"), new ModelStore(Path.Combine(StateFolder, "models"), 1000, TimeProvider.System),
            [.. Enumerable.Range(0, plan.Groups).Select(static group => $"g{group}")],
            FaultSettings.Learning.Model.ToSpec(ModelFeatures.Count, ModelFeatures.Gap));
        using CancellationTokenSource end = new();
        Producing stream = new(Kafka, new((ulong)plan.Seed, Topic, plan.Partitions, plan.Series, plan.Groups), plan.StepEvery);
        Task producing = stream.RunAsync(end.Token);
        for (int kill = 0; kill < plan.Kills; kill++)
        {
            stream.UpTo((kill + 1) * plan.StepsPerLife);
            await LiveAsync(kill, stream);
            Histories.Remember();
        }

        stream.UpTo(plan.Steps);
        Start(_main);
        await stream.ReachedAsync(plan.Steps);
        await CommittedAsync();
        foreach (int slot in Enumerable.Range(0, 2).Where(slot => Processes[slot] is { HasExited: false }))
        {
            await StopAsync(slot);
        }

        await end.CancelAsync();
        await producing;
    }

    // One life: start, publish something new, die at the moment that is wanted. Records come on meanwhile: a lane that reads nothing keeps no state.
    async Task LiveAsync(int kill, Producing stream)
    {
        long start = Stopwatch.GetTimestamp();
        int before = Published.Count;
        Start(_main);
        await UntilAsync(() => Published.Count > before, "something new published");
        stream.UpTo(((kill + 1) * plan.StepsPerLife) + (plan.StepsPerLife / 2));
        KillMoment moment = plan.MomentOf(kill, _hits);
        ForecasterProcess victim = Processes[_main]!;
        bool inside = moment switch
        {
            KillMoment.Checkpoint => await _moments.InCheckpointAsync(victim),
            KillMoment.Drain => await _moments.InDrainAsync(victim, SpoolFolder(_main), plan.SpooledBytes),
            KillMoment.Activation => await _moments.InActivationAsync(victim),
            KillMoment.Rebalance => await InRebalanceAsync(),
            _ => await AnyTimeAsync(victim),
        };
        _hits[moment] = _hits.GetValueOrDefault(moment) + (inside ? 1 : 0);
        LongRun.Say(Name, $"kill {kill + 1}: {moment}{(inside ? "" : " (missed)")} after {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s, {Published.Count} results");
    }

    async Task<bool> AnyTimeAsync(ForecasterProcess victim)
    {
        await Task.Delay(_random.Next(plan.LifeMsMax));
        victim.Kill();
        return true;
    }

    // The other process joins; one of the two dies as partitions change hands, and the other one is the daemon from then on.
    async Task<bool> InRebalanceAsync()
    {
        int other = 1 - _main;
        Start(other);
        ForecasterProcess giver = Processes[_main]!, taker = Processes[other]!;
        bool giverDies = _random.Next(2) == 0;
        bool Leaving() => giver.Log.Any(static line =>
            line.Contains(" is given up;", StringComparison.Ordinal) || line.Contains(" is lost;", StringComparison.Ordinal));
        long start = Stopwatch.GetTimestamp();
        bool moving = false;
        while (!moving && Stopwatch.GetElapsedTime(start) < RebalanceLimit)
        {
            await Task.Delay(2, TestContext.Current.CancellationToken);
            moving = taker.Owns > 0 || (giverDies && Leaving());
        }

        (giverDies ? giver : taker).Kill();
        _main = giverDies ? other : _main;
        return moving;
    }
}
