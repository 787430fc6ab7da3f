using StreamForecaster.Forecasting;
using StreamForecaster.Grouping;

namespace StreamForecaster.Tests.Forecasting;

public sealed class MixtureQualityTests
{
    [Theory]
    [InlineData(SeriesProfile.Full, 1)]
    [InlineData(SeriesProfile.Full, 6)]
    [InlineData(SeriesProfile.Lean, 1)]
    public void Band_OnAnAutoregression_HoldsNineOfTen(SeriesProfile profile, int horizon)
    {
        var run = new SeriesRun(new MixtureOptions { Profile = profile });
        var (_, coverage) = run.Run(Streams.Autoregression(4_000, 0.8, 11), horizon, 300);
        Assert.InRange(coverage, 0.885, 0.915);
    }

    [Theory]
    [InlineData(SeriesProfile.Full, 0.5)]
    [InlineData(SeriesProfile.Full, 0.8)]
    [InlineData(SeriesProfile.Full, 0.99)]
    [InlineData(SeriesProfile.Lean, 0.5)]
    [InlineData(SeriesProfile.Lean, 0.8)]
    [InlineData(SeriesProfile.Lean, 0.99)]
    public void Band_OfAnyLevel_HoldsIt(SeriesProfile profile, double level)
    {
        foreach (var horizon in new[] { 1, 12 })
        {
            var run = new SeriesRun(new MixtureOptions { Profile = profile, Level = level });
            var (_, coverage) = run.Run(Streams.Autoregression(6_000, 0.8, 21), horizon, 500);
            Assert.InRange(coverage, level - 0.015, level + 0.015);
        }
    }

    [Fact]
    public void Forecast_OfAnAutoregression_IsNearTheBestPossible()
    {
        var run = new SeriesRun(new MixtureOptions());
        var (error, _) = run.Run(Streams.Autoregression(3_000, 0.7, 12), 1, 500);
        Assert.InRange(error, 0.7, 1.04 * Math.Sqrt(2 / Math.PI));
    }

    [Fact]
    public void Season_OfANoisyDay_IsFoundAndUsed()
    {
        var run = new SeriesRun(new MixtureOptions());
        var (error, _) = run.Run(Streams.Season(2_000, 24, 1, 13), 12, 600);
        Assert.Equal(24, run.Mixture.Season(run.State));
        Assert.InRange(error, 0.7, 1.15 * Math.Sqrt(2 / Math.PI));
    }

    [Fact]
    public void Season_OfNoise_IsNone()
    {
        var run = new SeriesRun(new MixtureOptions());
        run.Run(Streams.Noise(2_000, 14), 1, 100);
        Assert.Equal(0, run.Mixture.Season(run.State));
    }

    [Fact]
    public void Model_ThatIsRight_SoonAnswers()
    {
        var run = new SeriesRun(new MixtureOptions());
        var noise = Streams.Noise(400, 15);
        var error = 0.0;
        for (var i = 0; i + 13 < noise.Length; i++)
        {
            error += i > 200 ? Math.Abs(run.Mixture.Pending(run.State, 1).Yhat - noise[i]) / 186 : 0;
            run.Step(noise[i], false, i < 100 ? null : RightModel(noise, i));
        }

        Assert.Equal("gru_attention", run.Mixture.Experts[run.Bands[0].Expert]);
        Assert.InRange(error, 0, 0.15);
    }

    [Fact]
    public void Model_Replaced_IsNotJudgedByItsPredecessor()
    {
        var run = new SeriesRun(new MixtureOptions());
        var noise = Streams.Noise(640, 16);
        for (var i = 0; i < 600; i++)
        {
            if (i == 560)
            {
                run.Mixture.ModelReplaced(run.State);
            }

            run.Step(noise[i], false, i < 560 ? [.. Enumerable.Repeat(9.0, 12)] : RightModel(noise, i));
        }

        Assert.Equal("gru_attention", run.Mixture.Experts[run.Bands[0].Expert]);
    }

    [Theory]
    [InlineData(SeriesProfile.Full)]
    [InlineData(SeriesProfile.Lean)]
    public void Coverage_AfterSyntheticChanges_RecoversWithinTheFirstFiveHundredRows(SeriesProfile profile)
    {
        var random = new Random(17);
        double[][] changed =
        [
            Streams.Make(2_500, i => (i < 2_000 ? 0 : 10) + Streams.Gaussian(random)),
            Streams.Make(2_500, i => (i < 2_000 ? 1 : Math.Sqrt(2)) * Streams.Gaussian(random)),
            Streams.Make(2_500, i => (5 * Math.Sin(2 * Math.PI * i / (i < 2_000 ? 24 : 36))) + Streams.Gaussian(random)),
        ];
        foreach (var values in changed)
        {
            var (_, coverage) = new SeriesRun(new MixtureOptions { Profile = profile }).Run(values, 1, 2_000);
            Assert.InRange(coverage, 0.85, 0.95);
        }
    }

    /// <summary>What is forecast from a step without a value is the forecast from the last value for one step more, and its band.</summary>
    [Theory]
    [InlineData(SeriesProfile.Full, 0.2)]
    [InlineData(SeriesProfile.Full, 0.5)]
    [InlineData(SeriesProfile.Lean, 0.2)]
    [InlineData(SeriesProfile.Lean, 0.5)]
    public void Band_WhereValuesAreMissing_StillHoldsNineOfTen(SeriesProfile profile, double share)
    {
        var random = new Random(18);
        var values = Streams.Make(4_000, i => (5 * Math.Sin(2 * Math.PI * i / 24)) + Streams.Gaussian(random));
        var (error, _) = new SeriesRun(new MixtureOptions { Profile = profile }).Run(values, 1, 600);
        var holed = Array.ConvertAll(values, value => random.NextDouble() < share ? double.NaN : value);
        var (holedError, coverage) = new SeriesRun(new MixtureOptions { Profile = profile }).Run(holed, 1, 600);
        Assert.InRange(coverage, 0.88, 0.94);
        Assert.InRange(holedError / error, 0.9, 1.4);
    }

    static double[] RightModel(double[] values, int step) => values[(step + 1)..(step + 13)];
}
