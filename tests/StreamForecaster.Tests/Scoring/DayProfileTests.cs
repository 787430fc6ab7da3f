using StreamForecaster.Scoring;

namespace StreamForecaster.Tests.Scoring;

public sealed class DayProfileTests
{
    const int Slot = 1800;

    [Fact]
    public void At_BetweenTheMiddlesOfTwoSlots_LiesBetweenTheirMeans()
    {
        var profile = Filled(slot => slot);

        Assert.Equal(10, profile.At((10 * Slot) + (Slot / 2), fallback: -1), 1e-2);
        Assert.Equal(10.5, profile.At(11 * Slot, fallback: -1), 1e-2);
        Assert.Equal((47 + 0) / 2.0, profile.At(0, fallback: -1), 1e-2);
    }

    [Fact]
    public void At_SlotWhoseValueIsTheMean_IsKnown()
    {
        var profile = Filled(_ => 5);

        Assert.Equal(5, profile.At(12_345, fallback: -1), 1e-9);
    }

    [Fact]
    public void At_NothingKnown_IsTheFallback() => Assert.Equal(-1, default(DayProfile).At(12_345, fallback: -1));

    // A day, and a step of the next, which ends the last slot; the mean is 5 all the time.
    static DayProfile Filled(Func<int, double> value)
    {
        var profile = default(DayProfile);
        for (var second = 0; second <= 86_400; second += 300)
        {
            profile.Observe(second % 86_400, value(second % 86_400 / Slot), mean: 5, deviation: 1);
        }

        return profile;
    }
}
