using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StreamForecaster.Worker.Configuration;
using StreamForecaster.Worker.Ingestion;

namespace StreamForecaster.Worker.Lanes;

/// <summary>Looks for lanes that have work and make no progress: each is reported once, fails readiness, and ends the process where told so. A thread
/// that hangs cannot be ended in an orderly way; what was acknowledged is safe, as after any fault.</summary>
sealed partial class LaneWatchdog(
    Func<IEnumerable<LaneHost>> lanes, RuntimeOptions options, TimeProvider clock, ILogger<LaneWatchdog> log, Action end) : IHostedService, IDisposable
{
    readonly HashSet<LaneId> _reported = [];
    ITimer? _timer;

    /// <summary>The lanes that hang, a line each.</summary>
    public IReadOnlyList<string> Troubles =>
        [.. lanes().Where(IsStuck).Select(host => $"lane {host.Lane.Id} has made no progress for {Seconds(host)} s")];

    /// <summary>The same where it is a reason to end the process.</summary>
    public IReadOnlyList<string> Fatal => options.WatchdogEnds ? Troubles : [];

    /// <summary>Starts to look, as often as it takes to be no more than a tenth late.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        TimeSpan every = options.WatchdogAfter / 10;
        _timer = clock.CreateTimer(_ => Look(), null, every, every);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();

    /// <summary>Looks once.</summary>
    public void Look()
    {
        bool any = false;
        string consequence = options.WatchdogEnds ? "ending the process (runtime.watchdogEnds)" : "not ready until it goes on";
        lock (_reported)
        {
            foreach (LaneHost host in lanes())
            {
                if (!IsStuck(host))
                {
                    _reported.Remove(host.Lane.Id);
                }
                else if (_reported.Add(host.Lane.Id))
                {
                    any = true;
                    LogStuck(host.Lane.Id, options.WatchdogAfter, host.Lane.Position, consequence);
                }
            }
        }

        if (any && options.WatchdogEnds)
        {
            end();
        }
    }

    bool IsStuck(LaneHost host) => host.WithoutProgress >= options.WatchdogAfter;

    static long Seconds(LaneHost host) => (long)host.WithoutProgress.TotalSeconds;

    [LoggerMessage(EventId = 210, Level = LogLevel.Critical, Message = "Lane {Lane} has work and has made no progress for {For}, at offset {Offset}: {Consequence}")]
    partial void LogStuck(LaneId lane, TimeSpan @for, long offset, string consequence);
}
