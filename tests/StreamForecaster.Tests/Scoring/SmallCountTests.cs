using StreamForecaster.Scoring;

namespace StreamForecaster.Tests.Scoring;

public sealed class SmallCountTests
{
    [Fact]
    public void Decode_OfACode_IsEncodedToItAgain()
    {
        for (var code = 0u; code < 1 << SmallCount.Bits; code++)
        {
            Assert.Equal(code, SmallCount.Encode(SmallCount.Decode(code), dither: 0));
        }
    }

    [Fact]
    public void Encode_Nearest_IsWithinHalfOfASixtyFourth()
    {
        for (var count = 1f; count < 1_000_000; count *= 1.01f)
        {
            var kept = SmallCount.Decode(SmallCount.Encode(count, dither: 0.5f));

            Assert.InRange(kept, Math.Min(count * (1 - (1 / 128f)), count - 0.5f), Math.Max(count * (1 + (1 / 128f)), count + 0.5f));
        }
    }

    [Fact]
    public void Encode_ManyDitheredAdditions_AreRightOnAverage()
    {
        var code = 0u;
        for (var i = 0u; i < 10_000; i++)
        {
            code = SmallCount.Encode(SmallCount.Decode(code) + 1.3f, Decades.Even(i));
        }

        Assert.InRange(SmallCount.Decode(code), 13_000 * 0.97f, 13_000 * 1.03f);
    }

    [Fact]
    public void Halve_OfACode_IsHalfTheCountRoundedDown()
    {
        for (var code = 0u; code < 1 << SmallCount.Bits; code++)
        {
            var half = SmallCount.Decode(code) / 2;

            Assert.Equal(half < 64 ? MathF.Floor(half) : half, SmallCount.Decode(SmallCount.Halve(code)));
        }
    }
}
