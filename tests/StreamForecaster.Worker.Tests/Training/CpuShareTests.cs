using StreamForecaster.Worker.Training;

namespace StreamForecaster.Worker.Tests.Training;

public sealed class CpuShareTests
{
    [Fact]
    public void Value_AfterABusyMinuteAndQuietOnes_IsOfTheLastFiveMinutesAlone()
    {
        CpuShare share = new();
        Assert.Equal(0, share.Value);
        TimeSpan cpu = TimeSpan.FromSeconds(7);
        share.Observe(cpu, TimeSpan.FromSeconds(1000));
        Assert.Equal(0, share.Value);
        for (int second = 1; second <= 60; second++)
        {
            cpu += TimeSpan.FromMilliseconds(250);
            share.Observe(cpu, TimeSpan.FromSeconds(1000 + second));
        }

        Assert.Equal(0.25, share.Value, 1e-9);
        share.Observe(cpu, TimeSpan.FromSeconds(1120));
        Assert.Equal(0.125, share.Value, 1e-9);
        for (int second = 130; second <= 600; second += 10)
        {
            share.Observe(cpu, TimeSpan.FromSeconds(1000 + second));
        }

        Assert.Equal(0, share.Value);
    }
}
