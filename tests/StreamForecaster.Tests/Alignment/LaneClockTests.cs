using StreamForecaster.Alignment;

namespace StreamForecaster.Tests.Alignment;

public sealed class LaneClockTests
{
    const long Minute = 60_000_000_000;
    static readonly long Year9999 = (long)(new DateTime(2200, 1, 1, 0, 0, 0, DateTimeKind.Utc) - DateTime.UnixEpoch).TotalSeconds * 1_000_000_000;

    [Fact]
    public void Accept_PointFarPastItsRecord_DoesNotMoveLaneTime()
    {
        LaneClock clock = new(10 * Minute, 1440 * Minute);
        Assert.Equal(PointTime.Good, clock.Accept(Minute, clock.Believe(Minute)));
        Assert.Equal(PointTime.TooFarAhead, clock.Accept(Year9999, clock.Believe(Minute)));
        Assert.Equal(Minute, clock.LaneTime);
    }

    [Fact]
    public void Believe_RecordFromTheFarFuture_IsNotBelieved()
    {
        LaneClock clock = new(10 * Minute, 1440 * Minute);
        for (int i = 1; i <= 5; i++)
        {
            clock.Accept(i * Minute, clock.Believe(i * Minute));
        }

        Assert.Equal(PointTime.TooFarAhead, clock.Accept(Year9999, clock.Believe(Year9999)));
        Assert.Equal(PointTime.Good, clock.Accept(6 * Minute, clock.Believe(6 * Minute)));
        Assert.Equal(6 * Minute, clock.LaneTime);
    }

    [Fact]
    public void Believe_FirstRecordOfAStartedLane_IsHeldAgainstTheStart()
    {
        LaneClock clock = new(10 * Minute, 1440 * Minute);
        clock.Advance(long.MinValue, 100 * Minute);
        Assert.Equal(PointTime.TooFarAhead, clock.Accept(Year9999, clock.Believe(Year9999)));
        Assert.Equal(PointTime.Good, clock.Accept(90 * Minute, clock.Believe(90 * Minute)));
    }

    [Fact]
    public void Believe_LastingJumpOfRecordTimes_IsBelievedOnceItIsTheMedian()
    {
        LaneClock clock = new(10 * Minute, 1_000_000 * Minute);
        for (int i = 1; i <= 101; i++)
        {
            clock.Accept(Minute, clock.Believe(Minute));
        }

        int refused = 0;
        for (int i = 1; i <= 101; i++)
        {
            refused += clock.Accept(5000 * Minute, clock.Believe(5000 * Minute)) == PointTime.TooFarAhead ? 1 : 0;
        }

        Assert.Equal(51, refused);
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(5)]
    public void Accept_SparsePartition_IsBelievedThoughTheMedianLiesFarBack(double minutesApart)
    {
        LaneClock clock = new(10 * Minute, 1440 * Minute);
        for (int i = 0; i < 300; i++)
        {
            long time = (long)(i * minutesApart * Minute);
            Assert.Equal(PointTime.Good, clock.Accept(time, clock.Believe(time)));
        }

        Assert.Equal(PointTime.TooFarAhead, clock.Accept(Year9999, clock.Believe(Year9999)));
    }

    [Fact]
    public void Load_SavedClock_GoesOnBitForBit()
    {
        LaneClock clock = new(10 * Minute, 1440 * Minute);
        for (int i = 0; i < 250; i++)
        {
            clock.Accept(i * Minute, clock.Believe(((i * 7919) % 13) + (i * Minute)));
        }

        byte[] saved = new byte[LaneClock.StateBytes];
        clock.Save(saved);
        LaneClock other = new(10 * Minute, 1440 * Minute);
        other.Load(saved);
        for (int i = 250; i < 600; i++)
        {
            Assert.Equal(clock.Believe(((i * 7919) % 13) + (i * Minute)), other.Believe(((i * 7919) % 13) + (i * Minute)));
        }
    }
}
