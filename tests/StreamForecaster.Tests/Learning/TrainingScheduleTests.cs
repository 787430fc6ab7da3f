using StreamForecaster.Learning;

namespace StreamForecaster.Tests.Learning;

public sealed class TrainingScheduleTests
{
    const long StepNs = 60_000_000_000;

    static readonly LearnOptions Options = new() { PeriodSteps = 200, PeriodGrowth = 0 };

    [Fact]
    public void IsDue_AQuietStream_BacksOffToThePeriod()
    {
        TrainingSchedule schedule = default;

        Assert.Equal([60L, 90, 150, 270, 470, 670, 870], Trainings(ref schedule, 1, 1000, driftAt: -1));
    }

    [Fact]
    public void Drifted_TrainsEarlyAndOftenThenBacksOff()
    {
        TrainingSchedule schedule = default;

        Assert.Equal([60L, 90, 150, 270, 470, 560, 620, 740, 940], Trainings(ref schedule, 1, 1000, driftAt: 500));
    }

    [Fact]
    public void IsDue_AnOldGroup_TrainsAtIntervalsThatGrowWithItsAge()
    {
        TrainingSchedule schedule = default;

        Assert.Equal(
            [60L, 90, 150, 270, 470, 670, 870, 1070, 1287, 1554, 1875, 2225],
            Trainings(ref schedule, 1, 2300, driftAt: -1, Options with { PeriodGrowth = 0.25, PeriodStepsMax = 350 }));
    }

    [Fact]
    public void Drifted_AgainWithinAPeriod_IsIgnored()
    {
        TrainingSchedule schedule = default;
        Trainings(ref schedule, 1, 500, driftAt: -1);

        Assert.True(schedule.Drifted(Options));
        Assert.False(schedule.Drifted(Options));
    }

    [Fact]
    public void Advance_BackInTime_IsIgnored()
    {
        TrainingSchedule schedule = default;
        schedule.Advance(100 * StepNs, StepNs, Options);
        schedule.Advance(50 * StepNs, StepNs, Options);

        Assert.Equal(100 * StepNs, schedule.NowNs);
        Assert.Equal(1, schedule.ClosedSteps);
    }

    static List<long> Trainings(ref TrainingSchedule schedule, long from, long to, long driftAt, LearnOptions? options = null)
    {
        options ??= Options;
        List<long> trainings = [];
        for (long step = from; step <= to; step++)
        {
            schedule.Advance(step * StepNs, StepNs, options);
            if (step == driftAt)
            {
                schedule.Drifted(options);
            }

            if (schedule.IsDue)
            {
                trainings.Add(schedule.ClosedSteps);
                schedule.Trained(options, passed: false);
            }
        }

        return trainings;
    }
}
