using StreamForecaster.Forecasting;
using StreamForecaster.Grouping;

namespace StreamForecaster.Tests.Forecasting;

/// <summary>After a change the mixture is near the expert that is best from then on within tens of steps: its mean absolute error over that one's, over some series.</summary>
public sealed class AdaptationTests
{
    const int Before = 2_000;
    const int Series = 10;

    [Theory]
    [InlineData("level shift", SeriesProfile.Full)]
    [InlineData("level shift", SeriesProfile.Lean)]
    [InlineData("noise, then a walk", SeriesProfile.Full)]
    [InlineData("noise, then a walk", SeriesProfile.Lean)]
    [InlineData("a walk, then noise", SeriesProfile.Full)]
    [InlineData("a walk, then noise", SeriesProfile.Lean)]
    [InlineData("another season", SeriesProfile.Full)]
    [InlineData("another season", SeriesProfile.Lean)]
    [InlineData("alternates, then correlated", SeriesProfile.Full)]
    [InlineData("alternates, then correlated", SeriesProfile.Lean)]
    public void Forecast_AfterAChange_IsSoonNearThatOfTheBestExpert(string change, SeriesProfile profile)
    {
        Assert.InRange(ErrorOverTheBest(change, profile, 30, 100), 0.9, 1.3);
        Assert.InRange(ErrorOverTheBest(change, profile, 100, 200), 0.9, 1.15);
    }

    static double ErrorOverTheBest(string change, SeriesProfile profile, int from, int to)
    {
        var own = 0.0;
        double[] experts = [];
        for (var seed = 1; seed <= Series; seed++)
        {
            var run = new SeriesRun(new MixtureOptions { Profile = profile });
            var opinions = new double[run.Mixture.Experts.Length];
            experts = experts.Length == 0 ? new double[opinions.Length] : experts;
            var next = Stream(change, new Random(seed));
            for (var i = 0; i < Before + to; i++)
            {
                var value = next(i);
                if (i >= Before + from)
                {
                    own += Math.Abs(run.Bands[0].Yhat - value);
                    run.Mixture.Opinions(run.State, 1, opinions);
                    for (var k = 0; k < opinions.Length; k++)
                    {
                        experts[k] += double.IsNaN(opinions[k]) ? double.PositiveInfinity : Math.Abs(opinions[k] - value);
                    }
                }

                run.Step(value);
            }
        }

        return own / experts.Min();
    }

    static Func<int, double> Stream(string change, Random random)
    {
        var x = 0.0;
        return change switch
        {
            "level shift" => i => (i < Before ? 0 : 10) + Streams.Gaussian(random),
            "noise, then a walk" => i => x = (i < Before ? 0 : x) + Streams.Gaussian(random),
            "a walk, then noise" => i => i < Before ? x += Streams.Gaussian(random) : x + Streams.Gaussian(random),
            "another season" => i => (5 * Math.Sin(2 * Math.PI * i / (i < Before ? 24 : 36))) + Streams.Gaussian(random),
            _ => i => x = ((i < Before ? -0.8 : 0.8) * x) + Streams.Gaussian(random),
        };
    }
}
