using StreamForecaster.Alignment;

namespace StreamForecaster.Tests.Alignment;

public sealed class StepScheduleTests
{
    [Fact]
    public void TryTake_SeriesAddedInAnyOrder_ComeByDueThenHashThenKey()
    {
        StepSchedule schedule = new((x, y) => x.CompareTo(y));
        schedule.Add(3, hash: 9UL << 32, due: 20);
        schedule.Add(2, hash: 5UL << 32, due: 10);
        schedule.Add(1, hash: 5UL << 32, due: 10);
        schedule.Add(0, hash: 1UL << 32, due: 10);
        List<int> taken = [];
        while (schedule.TryTake(15, out ScheduledStep step))
        {
            taken.Add(step.Series);
        }

        Assert.Equal([0, 1, 2], taken);
        Assert.Equal(20, schedule.NextDue);
    }

    [Fact]
    public void Add_WhileItsTimeIsBeingTaken_FindsItsPlace()
    {
        StepSchedule schedule = new((x, y) => x.CompareTo(y));
        schedule.Add(0, hash: 1UL << 32, due: 10);
        schedule.Add(1, hash: 7UL << 32, due: 10);
        Assert.True(schedule.TryTake(10, out _));
        schedule.Add(2, hash: 3UL << 32, due: 9);
        Assert.True(schedule.TryTake(10, out ScheduledStep next));
        Assert.Equal(2, next.Series);
        Assert.Equal(1, schedule.Count);
    }
}
