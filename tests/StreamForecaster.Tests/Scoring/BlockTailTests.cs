using StreamForecaster.Scoring;

namespace StreamForecaster.Tests.Scoring;

public sealed class BlockTailTests
{
    [Fact]
    public void Count_AfterAFewHundredBlocks_IsThatOfAPlainList()
    {
        var tail = default(BlockTail);
        var plain = new SortedDictionary<uint, double>();
        var blocks = 0f;
        foreach (var magnitude in Streams.StudentT(5, 400, 3).Select(x => (float)Math.Abs(x)))
        {
            tail.Observe(magnitude);
            tail.EndBlock(BlockTail.Unit, Decades.Even((uint)blocks));
            Remember(plain, BlockTail.BinOf(magnitude));
            blocks = (blocks * (1 - (1 / BlockTail.Memory))) + 1;
        }

        var smallest = plain.Keys.First();
        foreach (var bin in plain.Keys)
        {
            var atLeast = plain.Where(entry => entry.Key >= bin).Sum(entry => entry.Value);
            var hidden = bin == smallest ? Math.Max(0, blocks - atLeast) / 2 : 0;

            Assert.Equal(atLeast + hidden + 0.5, tail.Count(ValueOf(bin), blocks), tolerance: 0.15 * (atLeast + hidden + 0.5));
        }

        Assert.Equal(0.5f, tail.Count(float.MaxValue, blocks));
    }

    [Fact]
    public void EndBlock_LongAfterItsMaximum_HasForgottenIt()
    {
        var tail = default(BlockTail);
        tail.Observe(1);
        tail.EndBlock(BlockTail.Unit, dither: 0);
        Assert.Equal(1.5f, tail.Count(1, blocks: 1));
        for (var block = 1u; block < 20 * BlockTail.Memory; block++)
        {
            tail.EndBlock(BlockTail.Unit, Decades.Even(block));
        }

        Assert.Equal(0.5f, tail.Count(1, blocks: BlockTail.Memory));
    }

    [Fact]
    public void Count_OfNextToNothing_IsMoreThanThereIs() =>
        Assert.True(default(BlockTail).Count(1e-20f, blocks: 300) > 1e9f);

    // The eight largest, each forgotten by its share of the memory.
    static void Remember(SortedDictionary<uint, double> plain, uint bin)
    {
        foreach (var key in plain.Keys.ToArray())
        {
            plain[key] *= 1 - (1 / BlockTail.Memory);
        }

        plain[bin] = plain.GetValueOrDefault(bin) + 1;
        if (plain.Count > 8)
        {
            plain.Remove(plain.Keys.First());
        }
    }

    static float ValueOf(uint bin) => BitConverter.UInt32BitsToSingle(bin << 20);
}
