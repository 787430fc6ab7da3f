using StreamForecaster.Learning;
using StreamForecaster.Models;

namespace StreamForecaster.Tests.Learning;

/// <summary>An hour of bad data must not make the model worse on the clean data after it; a real new level must be learned.</summary>
public sealed class PoisoningTests
{
    const int CleanSteps = 2400;
    const int PoisonSteps = 3600;
    const int ContinuationSteps = 600;

    [Theory]
    [InlineData("constant")]
    [InlineData("spiked")]
    [InlineData("scaled by 1e9")]
    [InlineData("ramped")]
    [InlineData("NaN")]
    public void Gate_AnHourOfPoison_LeavesTheLossOnTheCleanContinuationAsItWas(string poison)
    {
        bool isPoisoned = false;
        var group = new SyntheticGroup(SyntheticGroup.Spec, 3, (series, step) =>
            isPoisoned ? Poisoned(poison, series, step) : SyntheticGroup.Season(series, step));
        var learner = new GroupLearner("poison", SyntheticGroup.Spec, SyntheticGroup.Options);
        List<TrainingOutcome> outcomes = [];
        group.Run(learner, CleanSteps);
        Forecaster before = learner.Champion!;

        isPoisoned = true;
        group.Run(learner, PoisonSteps, outcomes.Add);
        isPoisoned = false;
        group.Loss(null, SyntheticGroup.Spec.Lookback + SyntheticGroup.Spec.Horizons);
        (double after, double reference) = group.Losses(learner.Champion!, before, ContinuationSteps);

        Assert.True(after <= 1.02 * reference, $"{after / reference}\n{string.Join('\n', outcomes.Select(o => o.Verdict.Reason))}");
        Assert.All(outcomes, outcome => Assert.NotEmpty(outcome.Verdict.Reason));
    }

    [Fact]
    public void Gate_ALastingNewLevel_PassesWithinThreeTrainings()
    {
        bool isNew = false;
        // Far outside of what was seen: what was learned does not do.
        var group = new SyntheticGroup(SyntheticGroup.Spec, 3, (series, step) => isNew
            ? 3 + SyntheticGroup.Season(series, step)
            : SyntheticGroup.Season(series, step));
        var learner = new GroupLearner("level", SyntheticGroup.Spec, SyntheticGroup.Options);
        List<TrainingOutcome> outcomes = [];
        group.Run(learner, CleanSteps);
        Forecaster before = learner.Champion!;

        isNew = true;
        while (outcomes.Count < 3)
        {
            group.Run(learner, 1, outcomes.Add);
        }

        Assert.True(outcomes.Exists(outcome => outcome.Verdict.Passed), string.Join('\n', outcomes.Select(o => o.Verdict.Reason)));
        (double after, double reference) = group.Losses(learner.Champion!, before, ContinuationSteps);
        Assert.True(after < 0.8 * reference, $"{after} against {reference}");
    }

    static double Poisoned(string poison, int series, long step) => poison switch
    {
        "constant" => 0.5,
        "spiked" => SyntheticGroup.Season(series, step)
            + (SampleHash.Mix((ulong)step, (ulong)series) % 10 == 0 ? 8 * SyntheticGroup.Noise(series, step + 1) : 0),
        "scaled by 1e9" => 1e9 * SyntheticGroup.Season(series, step),
        // So slow that no step is an outlier, and away from what the season would do next.
        "ramped" => SyntheticGroup.Season(series, step) + (0.004 * (step - CleanSteps)),
        _ => double.NaN,
    };
}
