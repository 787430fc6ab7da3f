using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StreamForecaster.Learning;
using StreamForecaster.Models;
using StreamForecaster.Worker.Commands;
using StreamForecaster.Worker.Tests.Publishing;
using StreamForecaster.Worker.Training;

namespace StreamForecaster.Worker.Tests.Training;

public sealed class TrainerTests : IDisposable
{
    static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(60);

    readonly string _folder = Directory.CreateTempSubdirectory("trainer").FullName;
    readonly TaskCompletionSource<Champion> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Run_SeasonalSeries_StoresAndAnnouncesAChampion()
    {
        ModelStore store = Store();
        using Trainer trainer = await StartAsync(store);
        Feed(trainer);

        Champion champion = await _ready.Task.WaitAsync(Ceiling, TestContext.Current.CancellationToken);
        await trainer.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal("g", champion.Group);
        Assert.Equal(Bytes(champion.Model), Bytes(store.Load("g", champion.Version)));
        Assert.True(Assert.Single(trainer.Statuses).Promotions > 0);
    }

    [Fact]
    public async Task Run_AVersionInTheStore_IsAnnouncedAtStartAndAfterARollBack()
    {
        ModelStore store = Store();
        foreach (long version in new[] { 1, 2 })
        {
            store.Add(new("g", version, 0, Forecaster.Create(SeasonalLane.Spec, (int)version), new(true, "won", default, null)));
        }

        using Trainer trainer = await StartAsync(store);
        var rolledBack = new TaskCompletionSource<Champion>(TaskCreationOptions.RunContinuationsAsynchronously);
        trainer.ChampionReady += champion => _ = champion.Version == 1 && rolledBack.TrySetResult(champion);
        trainer.Join(0, "g", SeasonalLane.Spec, SeasonalLane.Options);

        Assert.Equal(2, (await _ready.Task.WaitAsync(Ceiling, TestContext.Current.CancellationToken)).Version);
        store.Choose("g", 1, StoreRecord.RolledBack);
        await rolledBack.Task.WaitAsync(Ceiling, TestContext.Current.CancellationToken);
        await trainer.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Run_AVersionOfAnotherForm_IsPassedByAndSaysSo()
    {
        ModelStore store = Store();
        store.Add(new("g", 1, 0, Forecaster.Create(SeasonalLane.Spec, 1), new(true, "won", default, null)));
        store.Add(new("g", 2, 0, Forecaster.Create(SeasonalLane.Spec with { HiddenSize = 20 }, 2), new(true, "won", default, null)));
        using CapturedLog log = new();
        using Trainer trainer = new(1, store, TimeProvider.System, new Logger<Trainer>(log))
        {
            ChampionReady = champion => _ready.TrySetResult(champion),
        };
        await trainer.StartAsync(TestContext.Current.CancellationToken);
        trainer.Join(0, "g", SeasonalLane.Spec, SeasonalLane.Options);

        await Poll.UntilAsync(() => log.Text.Contains("version 2 of the model store is not used: the settings ask for another form of model", StringComparison.Ordinal), "said so");
        store.Choose("g", 1, StoreRecord.RolledBack);
        Assert.Equal(1, (await _ready.Task.WaitAsync(Ceiling, TestContext.Current.CancellationToken)).Version);
        await trainer.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Run_APeriodForgottenBeforeTheFirstChampion_IsOutOfTheBufferAndStaysOut()
    {
        LearnerStore learners = new(_folder);
        using CapturedLog log = new();
        using (Trainer trainer = new(1, Store(), TimeProvider.System, new Logger<Trainer>(log), engine: null, learners, TimeSpan.FromSeconds(0.1)))
        {
            await trainer.StartAsync(TestContext.Current.CancellationToken);
            Assert.Equal("The store has no group 'g'; it has: .", Forget());
            // The first training comes after 60 steps.
            SeasonalLane lane = new(trainer, 0, "g", [0, 1, 2, 3]);
            Close(lane, 0, 30);
            await Poll.UntilAsync(() => Store().Groups.Count == 1, "saved");
            await Poll.UntilAsync(() => trainer.Statuses[0].Samples == 4 * 20, "taken");

            Assert.StartsWith("g: the period is forgotten", Forget(), StringComparison.Ordinal);
            await Poll.UntilAsync(() => log.Text.Contains("Group 'g': the period 1970-01-01 00:00:15Z to 1970-01-01 00:00:40Z is forgotten, 64 of the newest samples with it", StringComparison.Ordinal), "said so");
            Close(lane, 30, 52);
            await Poll.UntilAsync(() => trainer.Statuses[0].Samples == (4 * 20) + 8, "passed by up to it, taken after it");
            await trainer.StopAsync(TestContext.Current.CancellationToken);
        }

        GroupTrainer restored = Group();
        Assert.True(restored.TryRestore(learners, static _ => null));
        Assert.Equal(16 + 8, restored.Learner.Samples.RecentCount);
    }

    [Fact]
    public async Task Stop_AndStartAgain_GoesOnWithTheSameBufferAndChampion()
    {
        ModelStore store = Store();
        using (Trainer trainer = await StartAsync(store, keep: true))
        {
            Feed(trainer);
            await _ready.Task.WaitAsync(Ceiling, TestContext.Current.CancellationToken);
            await trainer.StopAsync(TestContext.Current.CancellationToken);
        }

        var announced = new TaskCompletionSource<Champion>(TaskCreationOptions.RunContinuationsAsynchronously);
        using Trainer restored = await StartAsync(store, keep: true, announced);
        restored.Join(0, "g", SeasonalLane.Spec, SeasonalLane.Options);
        Champion champion = await announced.Task.WaitAsync(Ceiling, TestContext.Current.CancellationToken);
        await restored.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(store.Read("g")!.Champion, champion.Version);
        Assert.True(Assert.Single(restored.Statuses).Samples > 0);
    }

    [Fact]
    public void Restore_SamplesOfferedAgain_CountOnce()
    {
        var store = new LearnerStore(_folder);
        GroupTrainer before = Group();
        Offer(before, 100);
        before.Save(store);
        Assert.False(before.IsUnsaved);

        GroupTrainer after = Group();
        Assert.True(after.TryRestore(store, static _ => null));
        Offer(after, 100);
        Assert.Equal(before.Learner.Samples.Taken, after.Learner.Samples.Taken);
        Offer(after, 130);
        Offer(before, 130);
        Assert.Equal(before.Learner.Samples.Taken, after.Learner.Samples.Taken);

        ByteBuffer one = new(), other = new();
        before.Learner.Export(one);
        after.Learner.Export(other);
        Assert.Equal(one.Written, other.Written);
    }

    [Fact]
    public void Load_AsAskedToStartCold_GivesNothing()
    {
        GroupTrainer before = Group();
        Offer(before, 100);
        before.Save(new(_folder));

        Assert.False(Group().TryRestore(new(_folder, cold: true), static _ => null));
    }

    [Theory]
    [InlineData(0, "its format is")]
    [InlineData(8, "the model's shape or the buffer's sizes")]
    [InlineData(-1, "its checksum is wrong")]
    public async Task Start_ADamagedLearnerFile_IsNamedAndTheBufferEmpty(int at, string told)
    {
        using (Trainer trainer = await StartAsync(Store(), keep: true))
        {
            Feed(trainer);
            await _ready.Task.WaitAsync(Ceiling, TestContext.Current.CancellationToken);
            await trainer.StopAsync(TestContext.Current.CancellationToken);
        }

        string path = Directory.GetFiles(_folder, "learner", SearchOption.AllDirectories).Single();
        byte[] bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        bytes[at < 0 ? ^1 : at] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, TestContext.Current.CancellationToken);
        using CapturedLog log = new();
        using Trainer again = new(1, Store(), TimeProvider.System, new Logger<Trainer>(log), engine: null, new(_folder), TimeSpan.FromHours(1));
        await again.StartAsync(TestContext.Current.CancellationToken);
        again.Join(0, "g", SeasonalLane.Spec, SeasonalLane.Options);
        await Poll.UntilAsync(() => log.Text.Contains($"Group 'g' starts with an empty sample buffer: {path}: {told}", StringComparison.Ordinal), "said so");
        await again.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, Assert.Single(again.Statuses).Samples);
    }

    static GroupTrainer Group()
    {
        LearnOptions options = SeasonalLane.Options with { Training = TrainingMode.Off };
        SampleShape shape = SampleShape.Of(SeasonalLane.Spec);
        return new(new("g", SeasonalLane.Spec, options), options, new(shape, options.InboxSamples, options.SamplesPerStep));
    }

    // The same steps for the same count.
    static void Offer(GroupTrainer group, int steps)
    {
        SampleShape shape = SampleShape.Of(SeasonalLane.Spec);
        float[] inputs = new float[shape.InputFloats], targets = new float[shape.Floats - shape.InputFloats - shape.KnownFloats];
        for (long step = group.Learner.NowNs > 0 && steps > 100 ? 101 : 1; step <= steps; step++)
        {
            Array.Fill(inputs, step);
            group.Inbox.Offer(new(7, (step - 2) * SeasonalLane.StepNs, step * SeasonalLane.StepNs, 1), inputs, [], targets);
            group.Inbox.Advance(step * SeasonalLane.StepNs, SeasonalLane.StepNs);
        }

        group.Drain();
    }

    string Forget()
    {
        using StringWriter output = new();
        ModelsCommand.Create().Parse(["forget", "g", "--from", "1970-01-01T00:00:15Z", "--to", "1970-01-01T00:00:40Z", "--store", _folder]).Invoke(new() { Output = output, Error = output });
        return output.ToString().TrimEnd();
    }

    static void Close(SeasonalLane lane, long from, long to)
    {
        for (long step = from; step < to; step++)
        {
            lane.Close(step);
        }
    }

    static void Feed(Trainer trainer)
    {
        Close(new(trainer, 0, "g", [0, 1, 2, 3]), 0, 240);
    }

    async Task<Trainer> StartAsync(ModelStore store, bool keep = false, TaskCompletionSource<Champion>? ready = null)
    {
        var trainer = new Trainer(1, store, TimeProvider.System, NullLogger<Trainer>.Instance, engine: null, keep ? new(_folder) : null, TimeSpan.FromHours(1))
        {
            ChampionReady = champion => (ready ?? _ready).TrySetResult(champion),
        };
        await trainer.StartAsync(TestContext.Current.CancellationToken);
        return trainer;
    }

    ModelStore Store() => new(_folder, 16, TimeProvider.System);

    static byte[] Bytes(Forecaster model) => MemoryMarshal.AsBytes(model.Weights.Values).ToArray();
}
