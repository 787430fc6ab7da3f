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
        var values = stream switch
        {
            "normal" => Streams.Normal(1, steps),
            "autoregressive" => Streams.Autoregressive(2, steps, 0.9),
            "student-t" => Streams.StudentT(3, steps, 3),
            "poisson" => Streams.Poisson(4, steps, 4),
            _ => Streams.Seasonal(5, steps, 1440),
        };

        var scores = Steps.Score(options, values, MinuteSteps);

        var alarms = Steps.Alarms(scores, options.MergeGap);
        var expected = perStep * steps;
        output.WriteLine($"{stream}: {alarms} alarms, {scores.Count(score => score.IsAnomaly)} marks, {expected} expected");
        Assert.InRange(alarms / expected, 0.5, 2);
    }
}
