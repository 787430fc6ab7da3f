namespace StreamForecaster.Worker.Publishing;

/// <summary>The one background task of a sink, from its constructor to its disposal.</summary>
sealed class SinkTask : IAsyncDisposable
{
    readonly CancellationTokenSource _stop = new();
    readonly Task _running;

    public SinkTask(Func<CancellationToken, Task> run)
    {
        CancellationToken stop = _stop.Token;
        _running = Task.Run(() => run(stop));
    }

    /// <summary>Cancels the task's token and waits for its end.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
#pragma warning disable VSTHRD003 // Started above, on the pool: there is no context to deadlock with.
        await _running;
#pragma warning restore VSTHRD003
        _stop.Dispose();
    }
}
