using StreamForecaster.Grouping;
using StreamForecaster.Scoring;

namespace StreamForecaster.Tests.Scoring;

public sealed class GroupScorerTests
{
    const int Members = 8;

    [Fact]
    public void Score_SmallDeviationsAtOnce_AreMarkedThoughNoneAloneIs()
    {
        var (members, groups) = Run(1200, step => step is >= 1000 and < 1005 ? 3 : 0);

        Assert.DoesNotContain(members[1000], score => score.IsAnomaly);
        Assert.Contains(groups[1000..1005], score => score.IsAnomaly);
        Assert.DoesNotContain(groups[..1000], score => score.IsAnomaly);
    }

    [Fact]
    public void Score_MutedSteps_LeaveNoTrace()
    {
        var scorer = new GroupScorer(new ScoreOptions());
        var state = new byte[scorer.StateBytes];
        double[] rarities = [0.5, 1.5, 0.2];
        for (var step = 0; step < 500; step++)
        {
            scorer.Score(state, rarities, 1, muted: false);
        }

        var before = state.ToArray();
        var score = scorer.Score(state, [9, 9, double.NaN], 1, muted: true);

        Assert.False(score.IsAnomaly);
        Assert.Equal(before, state);
    }

    [Fact]
    public void Score_OfIndependentMembers_AlarmsAtTheConfiguredRate()
    {
        const int steps = 100_000;
        var random = new Random(8);
        var options = new ScoreOptions { FalseAlarmsPerDay = 86_400.0 / 300 };
        var scorer = new GroupScorer(options);
        var state = new byte[scorer.StateBytes];
        var rarities = new double[Members];
        var scores = new StepScore[steps];
        for (var step = 0; step < steps; step++)
        {
            for (var i = 0; i < Members; i++)
            {
                rarities[i] = Math.Max(0, -Math.Log10(1 - random.NextDouble()) - 0.6);
            }

            scores[step] = scorer.Score(state, rarities, 1, muted: false);
        }

        Assert.InRange(Steps.Alarms(scores, options.MergeGap) / (steps / 300.0), 0.5, 2);
    }

    static (StepScore[][] Members, StepScore[] Groups) Run(int steps, Func<int, double> shift)
    {
        var options = new ScoreOptions { Profile = SeriesProfile.Lean };
        var series = Enumerable.Range(0, Members).Select(seed => Steps.Score(
            options, Streams.Normal(100 + seed, steps).Select((x, step) => x + shift(step)))).ToArray();
        var scorer = new GroupScorer(options);
        var state = new byte[scorer.StateBytes];
        var members = Enumerable.Range(0, steps).Select(step => series.Select(scores => scores[step]).ToArray()).ToArray();
        var groups = members.Select(scores => scorer.Score(state, [.. scores.Select(score => score.Rarity)], 1, muted: false));
        return (members, [.. groups]);
    }
}
