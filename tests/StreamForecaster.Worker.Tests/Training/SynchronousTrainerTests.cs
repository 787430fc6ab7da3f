using System.Runtime.InteropServices;
using StreamForecaster.Worker.Training;

namespace StreamForecaster.Worker.Tests.Training;

public sealed class SynchronousTrainerTests
{
    const int Steps = 300;

    static readonly TimeSpan Barrier = TimeSpan.FromSeconds(SeasonalLane.Options.ActivationDelaySteps);

    [Fact]
    public void Run_Twice_GivesTheSameChampionsBitForBit()
    {
        List<string> first = OneLane([0, 1, 2, 3]);

        Assert.NotEmpty(first);
        Assert.Equal(first, OneLane([0, 1, 2, 3]));
    }

    [Fact]
    public void Run_SeriesSpreadOverLanesInAnyOrder_GivesTheSameChampions()
    {
        List<string> champions = [];
        var trainer = new SynchronousTrainer(3, Barrier) { ChampionReady = champion => champions.Add(Bits(champion)) };
        SeasonalLane[] lanes = [new(trainer, 0, "g", [2]), new(trainer, 1, "g", [3, 0]), new(trainer, 2, "g", [1])];
        long[] next = new long[lanes.Length];
        for (int turn = 0; next.Min() < Steps; turn++)
        {
            // Lane 2 asks twice as often as the others.
            int lane = (turn % 4) switch { 0 => 0, 1 => 1, _ => 2 };
            if (next[lane] == Steps)
            {
                trainer.End(lane);
            }
            else if (trainer.MayClose(lane, (next[lane] + 1) * SeasonalLane.StepNs))
            {
                lanes[lane].Close(next[lane]++);
            }
        }

        Assert.Equal(OneLane([0, 1, 2, 3]), champions);
    }

    [Fact]
    public void MayClose_ALaneAhead_WaitsForTheOthersAtTheBarrier()
    {
        var trainer = new SynchronousTrainer(2, Barrier);

        Assert.False(trainer.MayClose(0, 100 * SeasonalLane.StepNs));
        Assert.True(trainer.MayClose(1, 99 * SeasonalLane.StepNs));
        Assert.True(trainer.MayClose(0, 100 * SeasonalLane.StepNs));
        Assert.False(trainer.MayClose(0, 101 * SeasonalLane.StepNs));
        trainer.End(1);
        Assert.True(trainer.MayClose(0, 101 * SeasonalLane.StepNs));
    }

    [Fact]
    public void Learn_AChampion_AnswersAFixedNumberOfStepsAfterItsTraining()
    {
        List<(long NowStep, Champion Champion)> champions = [];
        long now = 0;
        var trainer = new SynchronousTrainer(1, Barrier) { ChampionReady = champion => champions.Add((now, champion)) };
        var lane = new SeasonalLane(trainer, 0, "g", [0, 1, 2, 3]);
        for (; now < Steps; now++)
        {
            lane.Close(now);
        }

        Assert.NotEmpty(champions);
        Assert.All(champions, one => Assert.Equal(
            (one.NowStep + 1 + SeasonalLane.Options.ActivationDelaySteps) * SeasonalLane.StepNs, one.Champion.ActiveFromNs));
        Assert.Equal(champions[^1].Champion.Version, Assert.Single(trainer.Statuses).Version);
    }

    static List<string> OneLane(int[] series)
    {
        List<string> champions = [];
        var trainer = new SynchronousTrainer(1, Barrier) { ChampionReady = champion => champions.Add(Bits(champion)) };
        var lane = new SeasonalLane(trainer, 0, "g", series);
        for (long step = 0; step < Steps; step++)
        {
            lane.Close(step);
        }

        return champions;
    }

    static string Bits(Champion champion) =>
        $"{champion.Version} {champion.ActiveFromNs} {Convert.ToHexString(MemoryMarshal.AsBytes(champion.Model.Weights.Values))}";
}
