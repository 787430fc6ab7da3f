using StreamForecaster.Learning;

namespace StreamForecaster.Tests.Learning;

public sealed class SampleBufferTests
{
    const int Horizons = 4;

    static readonly LearnOptions Options = new() { RecentSamples = 32, ReservoirSamples = 64, PeriodSteps = 50, ReservoirPeriods = 4 };

    [Fact]
    public void Offer_MoreThanTheRingHolds_KeepsTheNewest()
    {
        SampleBuffer buffer = Filled(100);

        Assert.Equal(32, buffer.RecentCount);
        Assert.Equal([99L, 98, 97], Enumerable.Range(0, 3).Select(age => buffer.Recent.Info(buffer.RecentSlot(age)).OriginNs));
    }

    [Fact]
    public void Offer_ALongPast_LeavesTheReservoirWithItsMeanAge()
    {
        SampleBuffer buffer = Filled(20_000);

        double meanAge = Enumerable.Range(0, buffer.ReservoirCount).Average(slot => 20_000 - buffer.Reservoir.Info(slot).OriginNs);

        // Four periods of 50 steps at one sample a step; 64 draws of an exponential age.
        Assert.Equal(64, buffer.ReservoirCount);
        Assert.InRange(meanAge, 120, 300);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Offer_AFloatThatIsNotFinite_IsRefusedAndCounted(float bad)
    {
        SampleBuffer buffer = Filled(40);

        Assert.False(buffer.Offer(new(1, 40, 44, 1), [0, bad], [], [1, 2, 3, 4]));
        Assert.Equal(1, buffer.Refused);
        Assert.Equal(40, buffer.Taken);
        Assert.Equal(31, buffer.RecentCount);
    }

    [Fact]
    public void Offer_AHugeValue_IsClipped()
    {
        SampleBuffer buffer = Filled(0);

        buffer.Offer(new(1, 1, 5, 1), [1e9f, 0], [], [-1e9f, 1, 2, 3]);

        Assert.Equal([12f, 0], buffer.Recent.Inputs(buffer.RecentSlot(0)).ToArray());
        Assert.Equal([-12f, 1, 2, 3], buffer.Recent.Targets(buffer.RecentSlot(0)).ToArray());
    }

    [Fact]
    public void Offer_AnotherShape_IsAnError() =>
        Assert.Throws<ArgumentException>(() => Filled(0).Offer(new(1, 1, 5, 1), [1], [], [1, 2, 3, 4]));

    [Fact]
    public void IsHeldBack_OneSeries_HoldsBackAFifthInBlocks()
    {
        SampleBuffer buffer = Filled(0);
        bool[] held = [.. Enumerable.Range(0, 8000).Select(step => buffer.IsHeldBack(new(7, step, step + Horizons, 1)))];

        int changes = held.Zip(held.Skip(1)).Count(pair => pair.First != pair.Second);

        Assert.InRange(held.Count(one => one), 1200, 2000);
        Assert.InRange(changes, 1, 8000 / 16);
    }

    [Fact]
    public void Forget_APeriod_RemovesWhatTouchesItAndKeepsTheOrder()
    {
        SampleBuffer buffer = Filled(100);

        buffer.Forget(80, 85, 1);

        long[] kept = [.. Enumerable.Range(0, buffer.RecentCount).Select(age => buffer.Recent.Info(buffer.RecentSlot(age)).OriginNs)];
        Assert.Equal([99L, 98, 97, 96, 95, 94, 93, 92, 91, 90, 89, 88, 75, 74, 73, 72, 71, 70, 69, 68], kept);
        for (int slot = 0; slot < buffer.ReservoirCount; slot++)
        {
            Assert.False(buffer.Reservoir.Info(slot).OriginNs is >= 76 and <= 87);
        }
    }

    [Fact]
    public void Import_WhatWasExported_GoesOnBitForBit()
    {
        SampleBuffer first = Filled(500);
        var bytes = new ByteBuffer();
        first.Export(bytes);
        SampleBuffer second = Filled(0);

        Assert.Equal(bytes.Length, second.Import(bytes.Written));
        Fill(first, 500, 900);
        Fill(second, 500, 900);

        Assert.Equal(Bytes(first), Bytes(second));
    }

    [Fact]
    public void Import_BytesThatAreCut_IsRefused()
    {
        byte[] bytes = Bytes(Filled(100));

        for (int length = 0; length < bytes.Length; length += 97)
        {
            Assert.Throws<InvalidDataException>(() => Filled(0).Import(bytes.AsSpan(0, length)));
        }
    }

    static byte[] Bytes(SampleBuffer buffer)
    {
        var bytes = new ByteBuffer();
        buffer.Export(bytes);
        return bytes.Written.ToArray();
    }

    static SampleBuffer Filled(int samples)
    {
        var buffer = new SampleBuffer(new SampleShape(2, 1, 0, Horizons), Options);
        Fill(buffer, 0, samples);
        return buffer;
    }

    static void Fill(SampleBuffer buffer, int from, int to)
    {
        for (int i = from; i < to; i++)
        {
            Assert.True(buffer.Offer(new(1, i, i + Horizons, 1), [0, 0.1f], [], [1, 2, 3, i % 7]));
        }
    }
}
