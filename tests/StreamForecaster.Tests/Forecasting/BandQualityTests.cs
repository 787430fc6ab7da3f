using StreamForecaster.Backtesting;
using StreamForecaster.Forecasting;
using StreamForecaster.Grouping;

namespace StreamForecaster.Tests.Forecasting;

/// <summary>What a band holds and how wide it is for that, on streams whose errors are of two kinds: mostly small, sometimes far off.</summary>
public sealed class BandQualityTests
{
    const int Rows = 4_000;

    // The bands of the experts are in the profile full alone.
    [Theory]
    [InlineData("bursts")]
    [InlineData("sawtooth")]
    [InlineData("whole numbers")]
    [InlineData("exact season")]
    public void Band_WhereAnExpertIsNeverFarOff_IsHardlyWiderThanItsOwn(string stream)
    {
        var figures = BandBacktest.Run(Stream(stream), Times, new(), 600);

        Assert.True(figures.IntervalScore <= 1.1 * figures.BestScore, $"{figures}");
        Assert.InRange(figures.Coverage, 0.89, 1);
    }

    [Theory]
    [InlineData(SeriesProfile.Full)]
    [InlineData(SeriesProfile.Lean)]
    public void Band_WithAWildPointInFifty_HoldsNineOfTen(SeriesProfile profile)
    {
        var random = new Random(51);
        var values = Streams.Make(Rows, _ => Streams.Gaussian(random) + (random.Next(50) > 0 ? 0 : 1_000 * Streams.Gaussian(random)));

        Assert.InRange(BandBacktest.Run(values, Times, new() { Profile = profile }, 600).Coverage, 0.89, 0.91);
    }

    [Theory]
    [InlineData(SeriesProfile.Full)]
    [InlineData(SeriesProfile.Lean)]
    public void Band_OfAConstantThatBeginsToMove_HoldsFromTheFirstFiveHundredRows(SeriesProfile profile)
    {
        var random = new Random(52);
        var values = Streams.Make(2_500, i => i < 2_000 ? 3 : 3 + Streams.Gaussian(random));

        var (_, coverage) = new SeriesRun(new MixtureOptions { Profile = profile }).Run(values, 1, 2_000);

        Assert.InRange(coverage, 0.85, 0.95);
    }

    static StepTime[] Times => [.. Enumerable.Range(0, Rows).Select(static row => SeriesRun.At(row))];

    static double[] Stream(string name)
    {
        var random = new Random(53);
        double x = 40;
        var left = 0;
        return name switch
        {
            "bursts" => Streams.Make(Rows, _ =>
            {
                left = left > 0 ? left - 1 : random.Next(20) == 0 ? random.Next(1, 6) : 0;
                return left > 0 ? 60 + (10 * Streams.Gaussian(random)) : 0.1;
            }),
            "sawtooth" => Streams.Make(Rows, _ => x = random.Next(50) == 0 ? 0 : x + 1 + (0.2 * Streams.Gaussian(random))),
            "whole numbers" => Streams.Make(Rows, _ => Math.Round(x += (0.2 * Streams.Gaussian(random)) - (0.01 * (x - 40)))),
            _ => Streams.Make(Rows, static i => i % 288 is > 100 and < 210 ? 80 : 20),
        };
    }
}
