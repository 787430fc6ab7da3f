using StreamForecaster.Learning;

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
}
