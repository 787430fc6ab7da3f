using StreamForecaster.Forecasting;

namespace StreamForecaster.Tests.Forecasting;

public sealed class IntervalScoreTests
{
    [Theory]
    [InlineData(1.5, 1)]
    [InlineData(2.5, 11)]
    [InlineData(0.75, 6)]
    public void Of_ABandOfNinetyPercent_IsItsWidthAndTwentyTimesTheMiss(double actual, double expected) =>
        Assert.Equal(expected, IntervalScore.Of(1, 2, actual, 0.9), 1e-9);

    [Fact]
    public void Of_NormalNoise_IsLeastForTheTrueQuantiles()
    {
        var random = new Random(1);
        double[] noise = [.. Enumerable.Range(0, 20_000).Select(_ => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))];
        double Mean(double half) => noise.Average(x => IntervalScore.Of(-half, half, x, 0.9));

        Assert.True(Mean(1.645) < Mean(1.3));
        Assert.True(Mean(1.645) < Mean(2));
    }
}
