using StreamForecaster.Forecasting;

namespace StreamForecaster.Tests.Forecasting;

public sealed class WildValuesTests
{
    const int Before = 600;
    const double Factor = 1e9;

    [Fact]
    public void Forecast_AfterWildValues_IsThatAfterMissingOnes()
    {
        var (wild, holed) = (Trained(), Trained());
        for (var i = 0; i < 60; i++)
        {
            Assert.True(wild.Mixture.IsWild(wild.State, Factor * Value(i), SeriesRun.At(wild.Steps)));
            wild.Step(Factor * Value(i));
            holed.Step(0, missing: true);
            Assert.Equal(holed.Bands, wild.Bands);
        }

        var value = Value(Before + 60);
        Assert.False(wild.Mixture.IsWild(wild.State, value, SeriesRun.At(wild.Steps)));
        wild.Step(value);
        holed.Step(value);
        Assert.Equal(holed.Bands, wild.Bands);
    }

    [Fact]
    public void Forecast_OfWildValuesThatLast_IsSoonOfThem()
    {
        var run = Trained();
        for (var i = 0; i < 164; i++)
        {
            run.Step(Factor * Value(i));
        }

        Assert.InRange(run.Bands[0].Yhat / Factor, 5, 15);
    }

    [Fact]
    public void WildValues_ThatComeAgainAndAgain_AreBelieved()
    {
        var run = Trained();
        var disbelieved = 0;
        for (var i = 0; i < 400; i++)
        {
            var value = i % 20 < 3 ? Factor : Value(i);
            disbelieved += run.Mixture.IsWild(run.State, value, SeriesRun.At(run.Steps)) ? 1 : 0;
            run.Step(value);
        }

        Assert.InRange(disbelieved, 3, 15);
    }

    [Fact]
    public void Values_OfASeriesOfZeros_AreNeverWild()
    {
        var run = new SeriesRun(new MixtureOptions());
        for (var i = 0; i < Before; i++)
        {
            run.Step(0);
        }

        Assert.False(run.Mixture.IsWild(run.State, 1e12, SeriesRun.At(run.Steps)));
    }

    static double Value(int step) => 10 + (3 * Math.Sin(2 * Math.PI * step / 24)) + (0.1 * (step % 7));

    static SeriesRun Trained()
    {
        var run = new SeriesRun(new MixtureOptions());
        for (var i = 0; i < Before; i++)
        {
            run.Step(Value(i));
        }

        return run;
    }
}
