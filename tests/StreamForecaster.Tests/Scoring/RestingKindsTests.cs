using StreamForecaster.Grouping;
using StreamForecaster.Scoring;

namespace StreamForecaster.Tests.Scoring;

public sealed class RestingKindsTests
{
    [Fact]
    public void Parts_AfterAnAlarm_AreLessForItsKindAlone_ForAThousandSteps()
    {
        RestingKinds resting = default;
        resting.Rest(4);
        for (var step = 0; step < 1000; step++)
        {
            for (var place = 0; place < 8; place++)
            {
                Assert.Equal(place == 4 ? 0.92f : 1, resting.Parts[place]);
            }

            resting.Advance();
        }

        Assert.Equal(1, resting.Parts[4]);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Score_ALevelThatClimbsOn_AlarmsHalfAsOftenAsWithoutRest(int seed)
    {
        // For three thousand steps its novelties set one record after the other. Nothing rests in the lean profile.
        var values = Streams.Normal(seed, 6000).Select((x, i) => x + (0.004 * Math.Max(0, i - 3000))).ToArray();

        Assert.InRange(Alarms(SeriesProfile.Full, values), 1, Alarms(SeriesProfile.Lean, values) / 2);
    }

    static int Alarms(SeriesProfile profile, double[] values) =>
        Steps.Score(new ScoreOptions { Profile = profile }, values, 60)[3000..].Count(score => score.AlarmScore >= 0.64);
}
