using StreamForecaster.Learning;
using StreamForecaster.Worker.Training;

namespace StreamForecaster.Worker.Tests.Training;

public sealed class DutyCycleTests
{
    [Theory]
    [InlineData(100, 100, 300)]
    [InlineData(100, 400, 0)]
    [InlineData(100, 900, 0)]
    [InlineData(0, 50, 0)]
    public void Rest_AfterWork_BringsTheShareDownToAQuarter(int cpuMs, int wallMs, int restMs)
    {
        var duty = new DutyCycle(0.25);
        duty.Begin(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(70));

        TimeSpan rest = duty.Rest(TimeSpan.FromSeconds(5) + TimeSpan.FromMilliseconds(cpuMs), TimeSpan.FromSeconds(70) + TimeSpan.FromMilliseconds(wallMs));

        Assert.Equal(TimeSpan.FromMilliseconds(restMs), rest);
    }

    // Slices of work of any length on a machine that is more or less busy, pauses between trainings, and rests that last longer than asked for.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Rest_AnHourOfTrainings_KeepsTheirShareBelowTheDefault(int seed)
    {
        double allowed = new LearnOptions().DutyCycle;
        Assert.Equal(0.25, allowed);
        Random random = new(seed);
        DutyCycle duty = new(allowed);
        CpuShare share = new();
        TimeSpan cpu = TimeSpan.Zero, wall = TimeSpan.Zero;
        double most = 0;
        duty.Begin(cpu, wall);
        while (wall < TimeSpan.FromHours(1))
        {
            TimeSpan work = TimeSpan.FromMilliseconds(random.Next(1, 400));
            cpu += work;
            wall += work * (1 + random.NextDouble());
            TimeSpan rest = duty.Rest(cpu, wall);
            wall += rest * (1 + (0.1 * random.NextDouble()));
            share.Observe(cpu, wall);
            most = Math.Max(most, wall > TimeSpan.FromMinutes(1) ? share.Value : 0);
            if (random.Next(300) == 0)
            {
                wall += TimeSpan.FromSeconds(random.Next(60));
                duty.Begin(cpu, wall);
            }
        }

        Assert.InRange(cpu / wall, 0.1, allowed);
        Assert.InRange(most, 0.1, 1.01 * allowed);
    }
}
