using StreamForecaster.Grouping;
using StreamForecaster.Scoring;

namespace StreamForecaster.Tests.Scoring;

/// <summary>On streams without anomalies, alarms start as often as configured, within a factor of two.</summary>
public sealed class FalseAlarmRateTests(ITestOutputHelper output)
{
    const int MinuteSteps = 60;

    public static TheoryData<string, SeriesProfile, double, int> Cases()
    {
        var cases = new TheoryData<string, SeriesProfile, double, int>();
        foreach (var stream in new[] { "normal", "autoregressive", "student-t", "poisson", "seasonal" })
        {
            cases.Add(stream, SeriesProfile.Full, 1.0 / 300, 70_000);
            cases.Add(stream, SeriesProfile.Lean, 1.0 / 1000, 220_000);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Score_WithoutAnomalies_AlarmsAtTheConfiguredRate(string stream, SeriesProfile profile, double perStep, int steps)
    {
        var options = new ScoreOptions
        {
            Profile = profile,
            FalseAlarmsPerDay = perStep * 86_400 / MinuteSteps,
        };
        AssertRate(options, stream, MinuteSteps, steps, 0.5);
    }

    /// <summary>Two a day, the default, are one in twelve steps: the threshold must not fall until all is one alarm. Where alarms last as long as
    /// they are apart, there are fewer.</summary>
    [Theory]
    [InlineData("normal", SeriesProfile.Full)]
    [InlineData("normal", SeriesProfile.Lean)]
    [InlineData("autoregressive", SeriesProfile.Full)]
    [InlineData("autoregressive", SeriesProfile.Lean)]
    [InlineData("student-t", SeriesProfile.Full)]
    [InlineData("poisson", SeriesProfile.Lean)]
    [InlineData("seasonal", SeriesProfile.Full)]
    [InlineData("seasonal", SeriesProfile.Lean)]
    public void Score_OnStepsOfAnHour_AlarmsAtTheDefaultRate(string stream, SeriesProfile profile) =>
        AssertRate(new ScoreOptions { Profile = profile }, stream, 3_600, 3_600, 0.4);

    void AssertRate(ScoreOptions options, string stream, int seconds, int steps, double least)
    {
        var values = stream switch
        {
            "normal" => Streams.Normal(1, steps),
            "autoregressive" => Streams.Autoregressive(2, steps, 0.9),
            "student-t" => Streams.StudentT(3, steps, 3),
            "poisson" => Streams.Poisson(4, steps, 4),
            _ => Streams.Seasonal(5, steps, 86_400 / seconds),
        };

        var scores = Steps.Score(options, values, seconds);

        var alarms = Steps.Alarms(scores, options.MergeGapOf(seconds));
        var expected = (double)options.AlarmsPerStep(seconds) * steps;
        output.WriteLine($"{stream}: {alarms} alarms, {scores.Count(score => score.IsAnomaly)} marks, {expected} expected");
        Assert.InRange(alarms / expected, least, 2);
    }
}
