using StreamForecaster.Forecasting;
using StreamForecaster.Scoring;

namespace StreamForecaster.Tests.Scoring;

/// <summary>Runs series through a scorer, one step after the other.</summary>
static class Steps
{
    internal static StepTime At(int step, int seconds = 1)
    {
        var unix = 1_700_000_000L + ((long)step * seconds);
        return new StepTime(unix * 1_000_000_000, (int)(unix % 86_400), (int)((unix / 86_400) + 4) % 7, unix / seconds, seconds);
    }

    internal static StepEvidence Evidence(double value, int step, int seconds = 1, bool missing = false, bool muted = false) =>
        new(value, default, false, At(step, seconds), missing, muted);

    /// <summary>The verdicts on a series, without a forecast.</summary>
    internal static StepScore[] Score(ScoreOptions options, IEnumerable<double> values, int seconds = 1)
    {
        var scorer = new AnomalyScorer(options);
        var state = new byte[scorer.StateBytes];
        scorer.Initialize(state);
        return [.. values.Select((value, step) => scorer.Score(state, Evidence(value, step, seconds)))];
    }

    /// <summary>How often alarms start: marks more than the merge gap apart.</summary>
    internal static int Alarms(IReadOnlyList<StepScore> scores, int mergeGap)
    {
        var (alarms, last) = (0, -mergeGap - 1);
        for (var i = 0; i < scores.Count; i++)
        {
            if (scores[i].IsAnomaly)
            {
                alarms += i - last > mergeGap ? 1 : 0;
                last = i;
            }
        }

        return alarms;
    }
}
