using StreamForecaster.Learning;
using StreamForecaster.Models;

namespace StreamForecaster.Tests.Learning;

public sealed class GroupLearnerTests
{
    [Fact]
    public void Work_SeasonalSeries_HasAChampionWithinThreeMinutesOfOneSecondSteps()
    {
        var learner = new GroupLearner("seasonal", SyntheticGroup.Spec, SyntheticGroup.Options);
        var group = new SyntheticGroup(SyntheticGroup.Spec, 2, SyntheticGroup.Season);
        List<TrainingOutcome> outcomes = [];

        group.Run(learner, 180, outcomes.Add);

        Assert.NotEmpty(outcomes);
        Assert.True(learner.Version > 0, string.Join('\n', outcomes.Select(o => o.Verdict.Reason)));
        Assert.True(group.Loss(learner.Champion, 100) < 0.7 * group.Loss(null, 100));
    }

    [Fact]
    public void Work_RandomWalk_KeepsTheLastValue()
    {
        var learner = new GroupLearner("walk", SyntheticGroup.Spec, SyntheticGroup.Options);
        double[] level = new double[4];
        var group = new SyntheticGroup(
            SyntheticGroup.Spec, level.Length, (series, step) => level[series] += 0.1 * SyntheticGroup.Noise(series, step));
        List<TrainingOutcome> outcomes = [];

        group.Run(learner, 1500, outcomes.Add);

        Assert.True(outcomes.Count >= 4);
        Assert.All(outcomes, outcome => Assert.False(outcome.Verdict.Passed, outcome.Verdict.Reason));
    }

    [Fact]
    public void Import_AnExportedLearner_GoesOnBitForBit()
    {
        var learner = new GroupLearner("state", SyntheticGroup.Spec, SyntheticGroup.Options);
        var group = new SyntheticGroup(SyntheticGroup.Spec, 2, SyntheticGroup.Season);
        Dictionary<long, Forecaster> store = [];
        group.Run(learner, 200, outcome => store[outcome.Version] = outcome.Challenger.Clone());
        var bytes = new ByteBuffer();
        learner.Export(bytes);
        var restored = new GroupLearner("state", SyntheticGroup.Spec, SyntheticGroup.Options);
        restored.Import(bytes.Written, version => store[version]);
        var again = new SyntheticGroup(SyntheticGroup.Spec, 2, SyntheticGroup.Season);
        again.Loss(null, 200);

        group.Run(learner, 120);
        again.Run(restored, 120);

        Assert.True(learner.Version > 0);
        Assert.Equal(learner.Status.Trainings, restored.Status.Trainings);
        Assert.Equal(State(learner), State(restored));
        Assert.Equal(learner.Champion!.Weights.Values, restored.Champion!.Weights.Values);
    }

    [Fact]
    public void Abort_AChallengerInTraining_ComesAgainAndEndsTheSame()
    {
        var learner = new GroupLearner("abort", SyntheticGroup.Spec, SyntheticGroup.Options);
        var aborted = new GroupLearner("abort", SyntheticGroup.Spec, SyntheticGroup.Options);
        foreach (GroupLearner one in new[] { learner, aborted })
        {
            new SyntheticGroup(SyntheticGroup.Spec, 2, SyntheticGroup.Season).Run(one, 80, until: static l => l.IsTraining);
        }

        aborted.Work();
        aborted.Abort();
        Assert.False(aborted.IsTraining);
        aborted.Advance(aborted.NowNs, SyntheticGroup.StepNs);

        Assert.Equal(Finished(learner).Weights.Values, Finished(aborted).Weights.Values);
    }

    [Fact]
    public void Offer_WhileTraining_IsAnError()
    {
        var learner = new GroupLearner("busy", SyntheticGroup.Spec, SyntheticGroup.Options);
        var group = new SyntheticGroup(SyntheticGroup.Spec, 2, SyntheticGroup.Season);
        group.Run(learner, 80, until: static l => l.IsTraining);

        Assert.Throws<InvalidOperationException>(() => group.Run(learner, 1, until: static _ => false));
    }

    [Fact]
    public void Adopt_AVersionFromOutside_IsTheChampionAndLaterVersionsAreHigher()
    {
        var learner = new GroupLearner("adopt", SyntheticGroup.Spec, SyntheticGroup.Options);
        Forecaster model = Forecaster.Create(SyntheticGroup.Spec, 1);
        List<TrainingOutcome> outcomes = [];

        learner.Adopt(41, model);
        new SyntheticGroup(SyntheticGroup.Spec, 2, SyntheticGroup.Season).Run(learner, 100, outcomes.Add);

        Assert.Equal(42, outcomes[0].Version);
    }

    [Fact]
    public void Work_WithTheChampionOfAKindredGroup_StartsWarm()
    {
        var elder = new GroupLearner("elder", SyntheticGroup.Spec, SyntheticGroup.Options);
        new SyntheticGroup(SyntheticGroup.Spec, 2, SyntheticGroup.Season).Run(elder, 300);
        Forecaster wild = Forecaster.Create(SyntheticGroup.Spec, 1);
        wild.Weights.Edit().Fill(0.5f);

        Verdict cold = FirstVerdict([]);
        Verdict warm = FirstVerdict([wild, elder.Champion!]);

        Assert.True(warm.Passed, warm.Reason);
        Assert.True(warm.Recent.Challenger < 0.8 * cold.Recent.Challenger, $"{warm.Reason}\n{cold.Reason}");

        static Verdict FirstVerdict(IReadOnlyList<Forecaster> kin)
        {
            var learner = new GroupLearner("young", SyntheticGroup.Spec, SyntheticGroup.Options with { BudgetSteps = 15 }) { Kin = kin };
            List<TrainingOutcome> outcomes = [];
            new SyntheticGroup(SyntheticGroup.Spec, 2, static (series, step) => SyntheticGroup.Season(series + 5, step))
                .Run(learner, 80, outcomes.Add);
            return outcomes[0].Verdict;
        }
    }

    [Fact]
    public void Status_NothingButNaN_SaysWhatTheTrainingWaitsFor()
    {
        var learner = new GroupLearner("nan", SyntheticGroup.Spec, SyntheticGroup.Options);
        new SyntheticGroup(SyntheticGroup.Spec, 2, static (_, _) => double.NaN).Run(learner, 100);

        Assert.Equal(0, learner.Status.Trainings);
        Assert.Contains("too few samples", learner.Status.Waiting, StringComparison.Ordinal);
    }

    static Forecaster Finished(GroupLearner learner)
    {
        while (true)
        {
            if (learner.Work() is { } outcome)
            {
                return outcome.Challenger;
            }
        }
    }

    static byte[] State(GroupLearner learner)
    {
        var bytes = new ByteBuffer();
        learner.Export(bytes);
        return bytes.Written.ToArray();
    }
}
