using StreamForecaster.Learning;
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
            StepEvery = TimeSpan.FromMilliseconds(120),
            SpooledBytes = 1 << 15,
            LifeMsMax = 200,
            IdleAfter = TimeSpan.FromSeconds(1),
            CheckpointEvery = TimeSpan.FromMilliseconds(200),
            Moments = [KillMoment.Checkpoint, KillMoment.Drain, KillMoment.Activation],
        },
        activationsMin: 1,
        trainedMin: 0,
        openMin: 0);

    // Nothing enters a lane but its records then, so even a run of its own is equal; and there is no checkpoint.
    [Fact]
    public Task Kill_WithSynchronousTraining_PublishesWhatAnIndependentRunDoes() => RunInStreamAsync(
        "kill-in-stream-short",
        new()
        {
            Seed = 8,
            Kills = 2,
            KillsInside = 0,
            StepsPerLife = 25,
            Series = 100,
            StepEvery = TimeSpan.FromMilliseconds(30),
            SpooledBytes = 1 << 15,
            LifeMsMax = 500,
            Moments = [],
        });

    [LongFact("kill")]
    public Task Kill_ManyTimesWithSynchronousTraining_PublishesWhatAnIndependentRunDoes() => RunInStreamAsync(
        "kill-in-stream",
        new()
        {
            Seed = 21,
            Kills = 12,
            KillsInside = 2,
            StepsPerLife = 20,
            Series = 400,
            StepEvery = TimeSpan.FromMilliseconds(100),
            SpooledBytes = 1 << 18,
            LifeMsMax = 4000,
            Moments = [KillMoment.Drain],
        });

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
        await using KillRun run = new(kafka, plan, name)
        {
            Change = (slot, settings) => settings with
            {
                Kafka = settings.Kafka with { InstanceId = $"{settings.Kafka.GroupId}-{slot}", IdleAfter = plan.IdleAfter },

                // Journals drop what every kept checkpoint is past: it must not come to that between two looks at them.
                State = settings.State with { Kept = 50, CheckpointEvery = plan.CheckpointEvery },
            },
        };
        await run.RunAsync();
        string? differing = run.Published.Differing();
        Assert.True(differing is null, differing);
        string? difference = await run.UndisturbedAsync();
        Tell(name, plan, run);
        (_, int open) = run.Published.Events();
        int activations = Activations(run);
        Assert.True(difference is null, $"{difference}\njournals:\n{run.Histories}");
        Assert.True(run.Published.Count > 2 * plan.Series * (plan.Steps - 6), $"{run.Published.Count} results");
        Assert.True(activations >= activationsMin, $"{activations} versions activated");
        Assert.True(run.Trained >= trainedMin, $"{run.Trained} versions trained");
        Assert.True(open >= openMin, $"{open} events open at a time");
        foreach (KillMoment moment in plan.Moments)
        {
            Assert.True(run.Hits.GetValueOrDefault(moment) >= plan.KillsInside, $"{moment}: {run.Hits.GetValueOrDefault(moment)} kills");
        }
    }

    async Task RunInStreamAsync(string name, KillPlan plan)
    {
        Assert.SkipWhen(kafka.Missing is not null, kafka.Missing ?? "");
        await using KillRun run = new(kafka, plan, name)
        {
            Change = static (slot, settings) => settings with
            {
                Kafka = settings.Kafka with { InstanceId = $"{settings.Kafka.GroupId}-{slot}", IdleAfter = TimeSpan.FromHours(1) },
                Learn = settings.Learn with { Training = TrainingMode.Synchronous },
            },
        };
        await run.RunAsync();
        string? differing = run.Published.Differing();
        Assert.True(differing is null, differing);
        string? difference = await run.UndisturbedAsync(independent: true);
        Tell(name, plan, run);
        Assert.True(difference is null, difference);
        Assert.True(run.Published.Versions > 1, $"{run.Published.Versions} versions answered");
        Assert.True(run.Published.Count > 2 * plan.Series * (plan.Steps - 6), $"{run.Published.Count} results");
    }

    static void Tell(string name, KillPlan plan, KillRun run)
    {
        (int events, int open) = run.Published.Events();
        string hits = string.Join(", ", run.Hits.Select(static hit => $"{hit.Key} {hit.Value}"));
        LongRun.Say(name, $"seed {plan.Seed}: {(long)plan.Steps * plan.Series} records, {plan.Kills} kills ({hits})");
        LongRun.Say(name, $"{run.Published.Count} results in {run.Published.Attempts} lines, {Activations(run)} versions journalled, {run.Trained} of the store's trained");
        LongRun.Say(name, $"{run.Published.Versions} versions in the results, {events} events, {open} open at a time at most");
        double median = run.StartSeconds.Order().ElementAt(run.StartSeconds.Count / 2);
        LongRun.Say(name, $"start to the first partition: median {median:F1} s, longest {run.StartSeconds.Max():F1} s");
    }

    static int Activations(KillRun run) => run.Histories.Entries
        .Where(static entry => entry.Kind == JournalKind.Activate).DistinctBy(static entry => (entry.Group, entry.Number)).Count();
}
