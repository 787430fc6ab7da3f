using StreamForecaster.Grouping;
using StreamForecaster.Scoring;

namespace StreamForecaster.Tests.Scoring;

public sealed class CohortScorerTests
{
    const int Members = 8;

    [Fact]
    public void Score_SmallDeviationsAtOnce_AreMarkedThoughNoneAloneIs()
    {
        var (members, cohorts) = Run(1200, step => step is >= 1000 and < 1005 ? 3 : 0);

        Assert.DoesNotContain(members[1000], score => score.IsAnomaly);
        Assert.Contains(cohorts[1000..1005], score => score.IsAnomaly);
        Assert.DoesNotContain(cohorts[..1000], score => score.IsAnomaly);
    }

    [Fact]
    public void Score_MutedSteps_LeaveNoTrace()
    {
        var scorer = new CohortScorer(new ScoreOptions());
        var state = new byte[scorer.StateBytes];
        double[] rarities = [0.5, 1.5, 0.2];
        for (var step = 0; step < 500; step++)
        {
            scorer.Score(state, Sum(rarities), 1, muted: false);
        }

        var before = state.ToArray();
        var score = scorer.Score(state, Sum([9, 9, double.NaN]), 1, muted: true);

        Assert.False(score.IsAnomaly);
        Assert.Equal(before, state);
    }

    [Fact]
    public void Score_OfIndependentMembers_AlarmsAtTheConfiguredRate()
    {
        const int steps = 100_000;
        var random = new Random(8);
        var options = new ScoreOptions { FalseAlarmsPerDay = 86_400.0 / 300 };
        var scorer = new CohortScorer(options);
        var state = new byte[scorer.StateBytes];
        var rarities = new double[Members];
        var scores = new StepScore[steps];
        for (var step = 0; step < steps; step++)
        {
            for (var i = 0; i < Members; i++)
            {
                rarities[i] = Math.Max(0, -Math.Log10(1 - random.NextDouble()) - 0.6);
            }

            scores[step] = scorer.Score(state, Sum(rarities), 1, muted: false);
        }

        Assert.InRange(Steps.Alarms(scores, options.MergeGap) / (steps / 300.0), 0.5, 2);
    }

    // From the scorers' first step on: while members learn, and gain kinds of evidence, their rarities grow.
    [Theory]
    [InlineData(SeriesProfile.Lean)]
    [InlineData(SeriesProfile.Full)]
    public void Score_OfRealScorersOnIndependentNoise_AlarmsAtTheConfiguredRate(SeriesProfile profile)
    {
        const int steps = 30_000;
        var options = new ScoreOptions { Profile = profile, FalseAlarmsPerDay = 86_400.0 / 150 };
        var series = Enumerable.Range(0, Members).Select(seed => Steps.Score(options, Streams.Normal(300 + seed, steps))).ToArray();
        var scorer = new CohortScorer(options);
        var state = new byte[scorer.StateBytes];
        StepScore[] scores = [.. Enumerable.Range((int)options.WarmUp, steps - options.WarmUp).Select(step =>
            scorer.Score(state, Sum(series.Select(one => one[step].Rarity)), 1, muted: false))];

        Assert.InRange(Steps.Alarms(scores, options.MergeGap) / (steps / 150.0), 0.5, 2);
        Assert.InRange(Steps.Alarms(scores[..1500], options.MergeGap), 0, 2 * 1500 / 150);
    }

    static (StepScore[][] Members, StepScore[] Cohorts) Run(int steps, Func<int, double> shift)
    {
        var options = new ScoreOptions { Profile = SeriesProfile.Lean };
        var series = Enumerable.Range(0, Members).Select(seed => Steps.Score(
            options, Streams.Normal(100 + seed, steps).Select((x, step) => x + shift(step)))).ToArray();
        var scorer = new CohortScorer(options);
        var state = new byte[scorer.StateBytes];
        var members = Enumerable.Range(0, steps).Select(step => series.Select(scores => scores[step]).ToArray()).ToArray();
        var cohorts = members.Select(scores => scorer.Score(state, Sum(scores.Select(score => score.Rarity)), 1, muted: false));
        return (members, [.. cohorts]);
    }

    static CohortSum Sum(IEnumerable<double> rarities)
    {
        CohortSum sum = default;
        foreach (var rarity in rarities)
        {
            sum.Add(rarity);
        }

        return sum;
    }
}
