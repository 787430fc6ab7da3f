using StreamForecaster.Learning;

namespace StreamForecaster.Tests.Learning;

public sealed class SampleThinningTests
{
    [Fact]
    public void Keep_ALargeGroup_OffersAboutAsManyPerStepAsAskedFor()
    {
        int kept = 0;
        for (long step = 1; step <= 200; step++)
        {
            for (ulong series = 0; series < 1000; series++)
            {
                kept += SampleThinning.Keep(SampleHash.Mix(series), step, 1000, 16) ? 1 : 0;
            }
        }

        Assert.InRange(kept / 200.0, 15, 17);
    }

    [Fact]
    public void Keep_ASmallGroup_OffersEverything() => Assert.True(SampleThinning.Keep(1, 2, 16, 16));

    [Fact]
    public void OfKey_IsTheSameForEver() =>
        Assert.Equal(SampleHash.OfName("cpu,host=a usage"), SampleHash.OfKey("cpu,host=a usage"u8));
}
