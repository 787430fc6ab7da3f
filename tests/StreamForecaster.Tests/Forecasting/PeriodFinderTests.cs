using StreamForecaster.Forecasting;

namespace StreamForecaster.Tests.Forecasting;

public sealed class PeriodFinderTests
{
    [Theory]
    [InlineData(24, 400)]
    [InlineData(37, 700)]
    [InlineData(288, 2_048)]
    [InlineData(5, 200)]
    public void Find_OfANoisySeason_IsItsLengthWithinAHundredth(int period, int count)
    {
        var values = Streams.Season(count, period, 4, 31).Select(value => (float)value).ToArray();
        Assert.InRange(new PeriodFinder().Find(values, 0, 0, 0).Steps, period - (period / 100), period + (period / 100));
    }

    [Fact]
    public void Find_OfConstantNoiseAndWalk_IsNone()
    {
        var finder = new PeriodFinder();
        Assert.Equal(0, finder.Find(new float[500], 0, 24, 168).Steps);
        Assert.Equal(0, finder.Find([.. Streams.Noise(2_000, 32).Select(value => (float)value)], 0, 24, 168).Steps);
    }

    [Fact]
    public void Transform_ThereAndBack_IsTheValuesTimesTheirCount()
    {
        var values = Streams.Noise(256, 33).Select(value => (float)value).ToArray();
        var real = values.ToArray();
        var imaginary = new float[256];
        var fourier = new FourierTransform(1_024);
        fourier.Transform(real, imaginary);
        Assert.Equal(values.Sum(), real[0], 1e-3);
        fourier.Transform(imaginary, real);
        for (var i = 0; i < values.Length; i++)
        {
            Assert.Equal(256 * values[i], real[i], 1e-2);
            Assert.Equal(0, imaginary[i], 1e-2);
        }
    }
}
