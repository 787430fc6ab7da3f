using StreamForecaster.Forecasting;
using StreamForecaster.Worker.Lanes;
using StreamForecaster.Worker.Live;

namespace StreamForecaster.Worker.Tests.Lanes;

public sealed class BandTallyTests
{
    [Fact]
    public void Of_TwoLanes_IsTheMeanOfTheirBandsInTheSeriesScales()
    {
        BandTally first = new(0.9), second = new(0.9);
        first.Add(new HorizonBand(0, -1, 1, 0), 0.5, unit: 2);
        second.Add(new HorizonBand(0, -1, 1, 0), 2, unit: 1);

        BandFigures figures = BandTally.Of([first, second])!;

        Assert.Equal(0.5, figures.Coverage, 1e-9);
        Assert.Equal(1.5, figures.Width, 1e-9);
        Assert.Equal((1 + 2 + 20) / 2.0, figures.IntervalScore, 1e-9);
        Assert.Null(BandTally.Of([new BandTally(0.9)]));
    }

    [Fact]
    public void Add_ASeriesWithoutAScale_IsNotTheMean()
    {
        BandTally tally = new(0.9);
        tally.Add(new HorizonBand(0, -1, 1, 0), 0, unit: 1e-9);
        tally.Add(new HorizonBand(0, -1, 1, 0), 0, unit: 1);

        Assert.InRange(BandTally.Of([tally])!.Width, 2, 100);
    }
}
