using StreamForecaster.Grouping;
using StreamForecaster.Scoring;

namespace StreamForecaster.Tests.Scoring;

public sealed class HourlyNoveltyTests
{
    const int StepSeconds = 300;
    const int StepsADay = 86_400 / StepSeconds;
    const int Days = 14;

    // The day that is as quiet as its nights, from six to six.
    static readonly Range Quiet = From(12 * 24 + 6)..From(12 * 24 + 18);

    [Theory]
    [InlineData(SeriesProfile.Full, true)]
    [InlineData(SeriesProfile.Lean, false)]
    public void Score_ADayThatIsLikeANight_IsFoundByTheDensityOfItsHours(SeriesProfile profile, bool found)
    {
        var scores = Steps.Score(new ScoreOptions { Profile = profile }, DaysAndNights(quiet: true), StepSeconds);

        Assert.Equal(found, scores[Quiet].Any(score => score is { IsAnomaly: true, Strongest: EvidenceKind.Profile }));
        Assert.Equal(found, scores[Quiet].Any(score => score.AlarmScore >= 0.64));
    }

    [Fact]
    public void Score_DaysAndNightsAsUsual_ArePassedOver()
    {
        var scores = Steps.Score(new ScoreOptions { Profile = SeriesProfile.Full }, DaysAndNights(quiet: false), StepSeconds);

        Assert.DoesNotContain(scores[Quiet.Start..], score => score.AlarmScore >= 0.64);
    }

    [Fact]
    public void Observe_AnHourSeenForTheFirstTime_SaysNothingOfAConstantSeries()
    {
        HourlyNovelty hours = default;
        DensityClock clock = default;
        for (uint steps = 0; steps < 3 * StepsADay; steps++)
        {
            var second = (int)(steps * StepSeconds % 86_400);

            Assert.Equal(0, hours.Observe(42, second, 42, 0, NoveltyStep.Next(ref clock, steps)));
        }
    }

    /// <summary>
    /// By day one of two levels at random, by night between them: mean, levels, shapes and changes of a quiet day are well known.
    /// </summary>
    static IEnumerable<double> DaysAndNights(bool quiet)
    {
        var random = new Random(5);
        for (var step = 0; step < Days * StepsADay; step++)
        {
            var isDay = Steps.At(step, StepSeconds).SecondOfDay / 3600 is >= 6 and < 18;
            var isQuiet = quiet && step >= Quiet.Start.Value && step < Quiet.End.Value;
            var level = random.Next(2) == 0 ? -5 : 5;
            yield return (isDay && !isQuiet ? level : 0) + (0.5 * random.Gaussian());
        }
    }

    /// <summary>The step that is this many hours after the midnight before the first.</summary>
    static int From(int hours) => ((hours * 3600) - Steps.At(0, StepSeconds).SecondOfDay) / StepSeconds;
}
