using StreamForecaster.Grouping;
using StreamForecaster.Scoring;

namespace StreamForecaster.Tests.Scoring;

/// <summary>The first ten minutes of 1 s steps: little history, and yet few false alarms.</summary>
public sealed class EarlyAlarmTests
{
    const int Series = 100;
    const int Length = 600;

    // A heavy tail, and a job that comes and goes, show things in ten minutes that were not there before.
    [Theory]
    [InlineData("normal", 2)]
    [InlineData("autoregressive", 6)]
    [InlineData("student-t", 30)]
    [InlineData("poisson", 4)]
    [InlineData("lognormal", 20)]
    [InlineData("walk", 6)]
    [InlineData("bursty", 70)]
    public void Score_WithLittleHistory_AlarmsSeldom(string stream, int most)
    {
        var options = new ScoreOptions { Profile = SeriesProfile.Lean };
        var alarms = 0;
        for (var seed = 0; seed < Series; seed++)
        {
            alarms += Steps.Alarms(Steps.Score(options, Values(stream, seed)), options.MergeGap);
        }

        Assert.InRange(alarms, 0, most);
    }

    static IEnumerable<double> Values(string stream, int seed) => stream switch
    {
        "normal" => Streams.Normal(seed, Length),
        "autoregressive" => Streams.Autoregressive(seed, Length, 0.9),
        "student-t" => Streams.StudentT(seed, Length, 3),
        "poisson" => Streams.Poisson(seed, Length, 0.5),
        "lognormal" => Streams.Normal(seed, Length).Select(Math.Exp),
        "walk" => Streams.Autoregressive(seed, Length, 1),
        _ => Streams.Jobs(seed, Length),
    };
}
