using StreamForecaster.State;
using StreamForecaster.SystemTests.Brokers;

namespace StreamForecaster.SystemTests.Faults;

/// <summary>SIGKILL at the worst moments: what is published in the end is, bit for bit, what an undisturbed run with the same journal
/// publishes, and no repeat differs from the first time.</summary>
[Collection(SystemRun.Name)]
public sealed class KillTests(RealKafka kafka)
{
    [Fact]
    public Task Kill_AFewTimes_PublishesWhatAnUndisturbedRunDoes() => RunAsync(
        "kill-short",
        new()
        {
            Seed = 7,
            Kills = 4,
            KillsInside = 1,
            StepsPerLife = 14,
            Series = 200,
            StepEvery = TimeSpan.FromMilliseconds(60),
            SpooledBytes = 1 << 15,
            LifeMsMax = 1000,
            Moments = [KillMoment.Checkpoint, KillMoment.Drain, KillMoment.Activation],
        },
        activationsMin: 1,
        trainedMin: 0,
        openMin: 0);

    [LongFact("rebalance")]
    public Task Kill_InRebalances_X() => RunAsync(
        "killreb",
        new()
        {
            Seed = 20,
            Kills = 16,
            KillsInside = 16,
            StepsPerLife = 10,
            Series = 2000,
            StepEvery = TimeSpan.FromMilliseconds(300),
            SpooledBytes = 1 << 20,
            LifeMsMax = 6000,
            Moments = [KillMoment.Rebalance],
        },
        activationsMin: 8,
        trainedMin: 8,
        openMin: 100);

    [LongFact("kill")]
    public Task Kill_AHundredTimes_PublishesWhatAnUndisturbedRunDoes() => RunAsync(
        "kill",
        new()
        {
            Seed = 20,
            Kills = 100,
            KillsInside = 5,
            StepsPerLife = 10,
            Series = 2000,
            StepEvery = TimeSpan.FromMilliseconds(300),
            SpooledBytes = 1 << 20,
            LifeMsMax = 6000,
        },
        activationsMin: 8,
        trainedMin: 8,
        openMin: 100);

    async Task RunAsync(string name, KillPlan plan, int activationsMin, int trainedMin, int openMin)
    {
        Assert.SkipWhen(kafka.Missing is not null, kafka.Missing ?? "");
        await using KillRun run = new(kafka, plan, name);
        await run.RunAsync();
        string? differing = run.Published.Differing();
        Assert.True(differing is null, differing);
        string? difference = await run.UndisturbedAsync();
        (int events, int open) = run.Published.Events();
        int activations = run.Journal.Where(static entry => entry.Kind == JournalKind.Activate).DistinctBy(static entry => (entry.Group, entry.Number)).Count();
        LongRun.Say(name, $"seed {plan.Seed}: {(long)plan.Steps * plan.Series} records, {plan.Kills} kills ({string.Join(", ", run.Hits.Select(static hit => $"{hit.Key} {hit.Value}"))})");
        LongRun.Say(name, $"{run.Published.Count} results in {run.Published.Attempts} lines, {activations} versions activated, {run.Trained} of them trained, {events} events, {open} open at a time at most");
        LongRun.Say(name, $"start to the first partition: median {run.StartSeconds.Order().ElementAt(run.StartSeconds.Count / 2):F1} s, longest {run.StartSeconds.Max():F1} s");
        Assert.True(difference is null, difference);
        Assert.True(run.Published.Count > 2 * plan.Series * (plan.Steps - 6), $"{run.Published.Count} results");
        Assert.True(activations >= activationsMin, $"{activations} versions activated");
        Assert.True(run.Trained >= trainedMin, $"{run.Trained} versions trained");
        Assert.True(open >= openMin, $"{open} events open at a time");
        foreach (KillMoment moment in plan.Moments)
        {
            Assert.True(run.Hits.GetValueOrDefault(moment) >= plan.KillsInside, $"{moment}: {run.Hits.GetValueOrDefault(moment)} kills");
        }
    }
}
