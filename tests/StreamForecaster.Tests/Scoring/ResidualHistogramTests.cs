using StreamForecaster.Scoring;

namespace StreamForecaster.Tests.Scoring;

public sealed class ResidualHistogramTests
{
    [Fact]
    public void PValue_OfNormalResiduals_IsTheirShare()
    {
        var histogram = default(ResidualHistogram);
        var sizes = Streams.Normal(3, 3_900).Select(x => (float)Math.Abs(x)).ToArray();
        foreach (var size in sizes)
        {
            histogram.Observe(size);
        }

        foreach (var size in new[] { 0.1f, 0.5f, 1f, 2f, 3f })
        {
            Assert.Equal((sizes.Count(other => other >= size) + 1.0) / (sizes.Length + 1), histogram.PValue(size), 0.03);
        }

        Assert.Equal(1.0 / (sizes.Length + 1), histogram.PValue(1e9f), 1e-6);
        Assert.Equal(1, histogram.PValue(0), 1e-6);
    }

    [Fact]
    public void Observe_MoreThanItRemembers_FollowsTheLast()
    {
        var histogram = default(ResidualHistogram);
        for (var i = 0; i < 20_000; i++)
        {
            histogram.Observe(i < 4_000 ? 10 : 0.1f);
        }

        Assert.InRange(histogram.PValue(5), 0, 0.05);
    }
}
