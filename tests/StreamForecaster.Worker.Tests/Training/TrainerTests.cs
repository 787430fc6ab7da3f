using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using StreamForecaster.Models;
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
    public async Task ImportAsync_WhatWasExported_GivesTheSameLearner()
    {
        ModelStore store = Store();
        byte[]? state;
        using (Trainer trainer = await StartAsync(store))
        {
            Feed(trainer);
            await _ready.Task.WaitAsync(Ceiling, TestContext.Current.CancellationToken);
            state = await trainer.ExportAsync("g");
            await trainer.StopAsync(TestContext.Current.CancellationToken);
        }

        using Trainer restored = await StartAsync(store);
        restored.Join(0, "g", SeasonalLane.Spec, SeasonalLane.Options);
        await restored.ImportAsync("g", state);

        Assert.Equal(state, await restored.ExportAsync("g"));
        Assert.Null(await restored.ExportAsync("unknown"));
        Assert.True(await restored.ForgetAsync("g", 0, long.MaxValue / 2));
        await restored.StopAsync(TestContext.Current.CancellationToken);
    }

    static void Feed(Trainer trainer)
    {
        var lane = new SeasonalLane(trainer, 0, "g", [0, 1, 2, 3]);
        for (long step = 0; step < 240; step++)
        {
            lane.Close(step);
        }
    }

    async Task<Trainer> StartAsync(ModelStore store)
    {
        var trainer = new Trainer(1, store, TimeProvider.System, NullLogger<Trainer>.Instance)
        {
            ChampionReady = champion => _ready.TrySetResult(champion),
        };
        await trainer.StartAsync(TestContext.Current.CancellationToken);
        return trainer;
    }

    ModelStore Store() => new(_folder, 16, TimeProvider.System);

    static byte[] Bytes(Forecaster model) => MemoryMarshal.AsBytes(model.Weights.Values).ToArray();
}
