using StreamForecaster.Forecasting;
using StreamForecaster.Grouping;

namespace StreamForecaster.Tests.Forecasting;

public sealed class ForecastMixtureTests
{
    static readonly MixtureOptions Full = new();
    static readonly MixtureOptions Lean = new() { Profile = SeriesProfile.Lean };

    public static TheoryData<SeriesProfile> Profiles => [SeriesProfile.Full, SeriesProfile.Lean];

    [Fact]
    public void StateBytes_AtTwelveHorizons_KeepTheBudgetOfTheDesign()
    {
        Assert.InRange(new ForecastMixture(Full).StateBytes, 1, 22_000);
        Assert.InRange(new ForecastMixture(Lean).StateBytes, 1, 3_600);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Forecast_OfAConstant_IsExactWithAnEmptyBand(SeriesProfile profile)
    {
        var run = new SeriesRun(new MixtureOptions { Profile = profile });
        for (var i = 0; i < 300; i++)
        {
            run.Step(41.7);
        }

        Assert.All(run.Bands, band => Assert.Equal((41.7, 41.7, 41.7), (band.Yhat, band.Lower, band.Upper)));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Forecast_OfAnyFiniteValues_IsFiniteAndOrdered(SeriesProfile profile)
    {
        double[] palette =
        [
            0, 1, -1, 1e300, -1e300, double.MaxValue, double.MinValue, double.Epsilon, -double.Epsilon, 1e-310, 1e-30, 1e30, 1e9, 1e9 + 1, 3.5, -0.0,
        ];
        for (var seed = 1; seed <= 12; seed++)
        {
            var random = new Random(seed);
            var run = new SeriesRun(new MixtureOptions { Profile = profile }, horizons: 7);
            for (var i = 0; i < 700; i++)
            {
                var calm = (i / 100) % 2 == 0;
                run.Step(calm ? palette[seed % palette.Length] + random.NextDouble() : palette[random.Next(palette.Length)], random.Next(20) == 0);
                foreach (var band in run.Bands)
                {
                    Assert.True(double.IsFinite(band.Lower) && double.IsFinite(band.Yhat) && double.IsFinite(band.Upper), $"seed {seed} step {i}: {band}");
                    Assert.True(band.Lower <= band.Yhat && band.Yhat <= band.Upper, $"seed {seed} step {i}: {band}");
                }
            }
        }
    }

    [Theory]
    [InlineData(1e300)]
    [InlineData(1e-300)]
    [InlineData(-4e18)]
    public void Forecast_OfAnUnusualScale_IsThatOfTheUsualScale(double scale)
    {
        var values = Streams.Autoregression(600, 0.8, 5);
        var usual = new SeriesRun(Full);
        var unusual = new SeriesRun(Full);
        var (error, _) = usual.Run(values, 1, 100);
        var (scaledError, coverage) = unusual.Run([.. values.Select(value => value * scale)], 1, 100);
        Assert.InRange(scaledError / Math.Abs(scale), 0.98 * error, 1.02 * error);
        Assert.InRange(coverage, 0.86, 0.94);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void State_CopiedMidway_GoesOnToTheSameBytes(SeriesProfile profile)
    {
        var values = Streams.Season(900, 24, 1, 3);
        var whole = new SeriesRun(new MixtureOptions { Profile = profile });
        var restored = new SeriesRun(new MixtureOptions { Profile = profile });
        for (var i = 0; i < values.Length; i++)
        {
            if (i == 450)
            {
                whole.State.CopyTo(restored.State, 0);
            }

            whole.Step(values[i], i % 50 == 7);
            if (i >= 450)
            {
                restored.Mixture.Observe(restored.State, values[i], SeriesRun.At(i), i % 50 == 7);
                restored.Mixture.Forecast(restored.State, default, restored.Bands);
                Assert.Equal(whole.Bands, restored.Bands);
            }
        }

        Assert.True(whole.State.AsSpan().SequenceEqual(restored.State));
    }

    [Fact]
    public void State_OfSeriesThatShareAMixture_IsThatOfSeriesApart()
    {
        var one = Streams.Season(400, 24, 1, 3);
        var other = Streams.Autoregression(400, 0.9, 4);
        var apart = new[] { new SeriesRun(Full), new SeriesRun(Full) };
        var shared = new ForecastMixture(Full);
        var states = new[] { new byte[shared.StateBytes], new byte[shared.StateBytes] };
        shared.Initialize(states[0]);
        shared.Initialize(states[1]);
        var bands = new HorizonBand[shared.Horizons];
        for (var i = 0; i < one.Length; i++)
        {
            apart[0].Step(one[i]);
            apart[1].Step(other[i]);
            shared.Observe(states[1], other[i], SeriesRun.At(i), false);
            shared.Observe(states[0], one[i], SeriesRun.At(i), false);
            shared.Forecast(states[0], default, bands);
            shared.Forecast(states[1], default, bands);
        }

        Assert.True(states[0].AsSpan().SequenceEqual(apart[0].State));
        Assert.True(states[1].AsSpan().SequenceEqual(apart[1].State));
    }

    [Fact]
    public void Pending_BeforeAStepCloses_IsWhatWasIssuedForIt()
    {
        var values = Streams.Season(200, 24, 1, 8);
        var run = new SeriesRun(Full);
        var issued = new List<HorizonBand[]>();
        for (var i = 0; i < values.Length; i++)
        {
            for (var h = 1; h <= run.Mixture.Horizons && h <= i; h++)
            {
                Assert.True(run.Mixture.HasPending(run.State, h));
                Assert.Equal(issued[i - h][h - 1] with { Expert = 0 }, run.Mixture.Pending(run.State, h));
            }

            run.Step(values[i]);
            issued.Add([.. run.Bands]);
        }
    }

    [Fact]
    public void Pending_OfADroppedForecast_IsNotThere()
    {
        var run = new SeriesRun(Full);
        run.Step(1);
        Assert.True(run.Mixture.HasPending(run.State, 1));
        run.Mixture.Observe(run.State, 2, SeriesRun.At(1), true);
        Assert.False(run.Mixture.HasPending(run.State, 1));
    }

    [Fact]
    public void Observe_OfAFilledStep_DoesNotLookAtItsValue()
    {
        var values = Streams.Autoregression(200, 0.9, 6);
        var one = new SeriesRun(Full);
        var other = new SeriesRun(Full);
        for (var i = 0; i < values.Length; i++)
        {
            one.Step(values[i], i % 9 == 4);
            other.Step(i % 9 == 4 ? 1e6 : values[i], i % 9 == 4);
        }

        Assert.True(one.State.AsSpan().SequenceEqual(other.State));
    }

    [Fact]
    public void Forecast_WithARange_StaysInIt()
    {
        var run = new SeriesRun(new MixtureOptions { RangeLow = 0, RangeHigh = 100 });
        var random = new Random(4);
        for (var i = 0; i < 300; i++)
        {
            run.Step(Math.Clamp(95 + (10 * Streams.Gaussian(random)), 0, 100));
            Assert.All(run.Bands, band => Assert.True(band.Lower >= 0 && band.Upper <= 100));
        }
    }

    [Fact]
    public void Options_OutOfRange_AreRefusedByName()
    {
        Assert.Contains("horizons", Assert.ThrowsAny<ArgumentException>(() => new ForecastMixture(new MixtureOptions(), horizons: 0)).Message, StringComparison.Ordinal);
        Assert.Contains("Level", Assert.ThrowsAny<ArgumentException>(() => new ForecastMixture(new MixtureOptions { Level = 1 })).Message, StringComparison.Ordinal);
        Assert.Contains("RangeLow", Assert.Throws<InvalidOperationException>(() => new ForecastMixture(new MixtureOptions { RangeLow = 2, RangeHigh = 1 })).Message, StringComparison.Ordinal);
    }
}
