using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace StreamForecaster.Worker.Ingestion;

/// <summary>Runs the record source on its own thread. Its end, wanted or not, is the daemon's end.</summary>
sealed partial class IngestionService(
    IRecordSource source, ILanes lanes, IHostApplicationLifetime lifetime, ILogger<IngestionService> log) : IHostedService, IDisposable
{
    readonly CancellationTokenSource _stop = new();
    readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What ended the source, or null.</summary>
    public Exception? Failure { get; private set; }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        new Thread(Run) { IsBackground = true, Name = "poll" }.Start();
        return Task.CompletedTask;
    }

    /// <summary>Stops polling; the source drains its lanes, commits and leaves the group.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
#pragma warning disable VSTHRD003 // Set by our own thread.
        await _ended.Task.WaitAsync(cancellationToken);
#pragma warning restore VSTHRD003
    }

    /// <inheritdoc/>
    public void Dispose() => _stop.Dispose();

    void Run()
    {
        try
        {
            source.Run(lanes, _stop.Token);
        }
        catch (Exception failure)
        {
            Failure = failure;
            LogFailed(failure.Message);
        }

        _ended.SetResult();
        lifetime.StopApplication();
    }

    [LoggerMessage(EventId = 100, Level = LogLevel.Critical, Message = "Reading has ended: {Reason}")]
    partial void LogFailed(string reason);
}
