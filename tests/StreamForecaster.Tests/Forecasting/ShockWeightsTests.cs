using StreamForecaster.Forecasting;
using StreamForecaster.Grouping;

namespace StreamForecaster.Tests.Forecasting;

/// <summary>What is forecast from a wild value, by what became of the wild values before it.</summary>
public sealed class ShockWeightsTests
{
    const double Wild = 500;

    public static TheoryData<SeriesProfile> Profiles => [SeriesProfile.Full, SeriesProfile.Lean];

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Forecast_FromASpikeAfterOtherSpikes_IsBackAtTheLevel(SeriesProfile profile)
    {
        var run = Run(profile, Streams.Make(2_001, SpikeEvery200));
        Assert.All(run.Bands.AsSpan(0, ShockWeights.LongestHorizon).ToArray(), band => Assert.InRange(band.Yhat, -0.2 * Wild, 0.2 * Wild));
        run.Step(0);
        Assert.InRange(run.Bands[0].Yhat, -0.2 * Wild, 0.2 * Wild);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Forecast_FromANewLevelAfterOtherNewLevels_StaysThere(SeriesProfile profile)
    {
        var random = new Random(5);
        var run = Run(profile, Streams.Make(2_001, i => (i / 200 % 2 * Wild) + Streams.Gaussian(random)));
        var level = 2_000 / 200 % 2 * Wild;
        Assert.All(run.Bands.AsSpan(0, ShockWeights.LongestHorizon).ToArray(), band => Assert.InRange(band.Yhat, level - (0.2 * Wild), level + (0.2 * Wild)));
    }

    [Fact]
    public void Of_AnErrorFarBeyondTheUsual_IsItsSizeAndTellsWhatItFollows()
    {
        Assert.Equal(0, ShockWeights.Of(7, 1, 0, 100));
        Assert.Equal(9, ShockWeights.Of(9, 1, 0, 100));
        Assert.Equal(-9, ShockWeights.Of(9, 1, -20, 100));
        Assert.Equal(0, ShockWeights.Of(9, 1, 0, 10));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Forecast_FromAFilledStep_IsNoShock(SeriesProfile profile)
    {
        var run = Run(profile, Streams.Make(2_000, SpikeEvery200));
        run.Step(Wild, missing: true);
        Assert.InRange(run.Bands[0].Yhat, -5, 5);
    }

    static double SpikeEvery200(int row) => row % 200 == 0 ? Wild : Math.Sin(row * 1.7);

    static SeriesRun Run(SeriesProfile profile, double[] values)
    {
        var run = new SeriesRun(new MixtureOptions { Profile = profile });
        foreach (var value in values)
        {
            run.Step(value);
        }

        return run;
    }
}
