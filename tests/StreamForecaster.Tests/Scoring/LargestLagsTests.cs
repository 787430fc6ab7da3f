using StreamForecaster.Scoring;

namespace StreamForecaster.Tests.Scoring;

public sealed class LargestLagsTests
{
    [Fact]
    public void Of_WeightsThatStandOut_AreNamedLargestFirst()
    {
        var weights = new float[20];
        weights.AsSpan().Fill(0.01f);
        (weights[0], weights[8], weights[17], weights[19]) = (0.11f, 0.3f, 0.25f, 0.15f);

        var lags = LargestLags.Of(weights);

        Assert.Equal(3, lags.Count);
        Assert.Equal((12, 0.3), lags[0]);
        Assert.Equal((3, 0.25), lags[1]);
        Assert.Equal((1, 0.15), lags[2]);
    }

    [Fact]
    public void Of_EqualWeights_AreNamedLatestFirst()
    {
        var lags = LargestLags.Of([0.3f, 0.3f, 0, 0, 0.3f, 0.3f, 0.001f, 0.001f, 0.001f, 0.001f, 0.001f, 0.001f, 0.001f, 0.001f]);

        Assert.Equal([9, 10, 13], Enumerable.Range(0, lags.Count).Select(i => lags[i].Steps));
    }

    [Fact]
    public void Of_EvenWeights_NameNothing()
    {
        var weights = new float[64];
        weights.AsSpan(32).Fill(1 / 32f);

        Assert.Equal(0, LargestLags.Of(weights).Count);
        weights[40] *= 1.1f;
        Assert.Equal(0, LargestLags.Of(weights).Count);
        weights[40] *= 1.2f;
        Assert.Equal((24, 0.041), LargestLags.Of(weights)[0]);
        Assert.Equal(0, LargestLags.Of(new float[64]).Count);
        Assert.Equal(0, LargestLags.Of([]).Count);
    }

    [Fact]
    public void Of_TheLongestWindow_KeepsItsOldestLag()
    {
        var weights = new float[4096];
        weights.AsSpan().Fill(1e-5f);
        weights[0] = 0.9f;

        Assert.Equal((4096, 0.9), LargestLags.Of(weights)[0]);
    }
}
