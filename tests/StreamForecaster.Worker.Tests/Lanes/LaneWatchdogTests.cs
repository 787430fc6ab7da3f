using StreamForecaster.Worker.Configuration;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Lanes;
using StreamForecaster.Worker.State;
using StreamForecaster.Worker.Tests.Publishing;

namespace StreamForecaster.Worker.Tests.Lanes;

public sealed class LaneWatchdogTests : IDisposable
{
    static readonly RuntimeOptions Options = new() { WatchdogAfter = TimeSpan.FromSeconds(60) };

    readonly TemporaryFolder _folder = new();
    readonly ManualTime _time = new();
    readonly CapturedLog _log = new();
    readonly LaneHost _host;
    int _ends;

    public LaneWatchdogTests()
    {
        LaneJournal journal = new(_folder.Path);
        _host = new(new(LaneRun.Id, new(), new NoTraining(), 0), journal, new(_folder.Path, 1, journal), TimeSpan.FromHours(1), new(), [], _time);
        _host.Run();
    }

    public void Dispose()
    {
        _host.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Look_LaneWithoutWork_IsAllRight()
    {
        using LaneWatchdog dog = Dog(Options);
        _time.Advance(TimeSpan.FromHours(1));

        dog.Look();

        Assert.Empty(dog.Troubles);
    }

    [Fact]
    public void Look_LaneThatDoesNotGoOn_IsReportedOnceAndNotReadyUntilItDoes()
    {
        using LaneWatchdog dog = Dog(Options);
        _host.Deliver(new RecordBatch());
        _time.Advance(TimeSpan.FromSeconds(59));
        dog.Look();
        Assert.Empty(dog.Troubles);

        _time.Advance(TimeSpan.FromSeconds(1));
        dog.Look();
        dog.Look();
        Assert.Equal("lane metrics-0 has made no progress for 60 s", Assert.Single(dog.Troubles));
        Assert.Empty(dog.Fatal);
        Assert.Single(_log.Text.Split('\n'), static line => line.Contains("has made no progress", StringComparison.Ordinal));

        _host.Run();
        dog.Look();
        Assert.Empty(dog.Troubles);
        Assert.Equal(0, _ends);
    }

    [Fact]
    public void Look_WhereToldToEnd_EndsOnce()
    {
        using LaneWatchdog dog = Dog(Options with { WatchdogEnds = true });
        _host.Deliver(new RecordBatch());
        _time.Advance(TimeSpan.FromSeconds(61));

        dog.Look();
        dog.Look();

        Assert.Equal(1, _ends);
        Assert.Single(dog.Fatal);
    }

    LaneWatchdog Dog(RuntimeOptions options) =>
        new(() => [_host], options, _time, new Microsoft.Extensions.Logging.Logger<LaneWatchdog>(_log), () => _ends++);
}
