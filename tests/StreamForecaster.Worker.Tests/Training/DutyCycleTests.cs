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
}
