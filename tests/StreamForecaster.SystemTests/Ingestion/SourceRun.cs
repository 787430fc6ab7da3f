using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Tests.Ingestion;

namespace StreamForecaster.SystemTests.Ingestion;

/// <summary>A Kafka source that runs on a thread of its own until the test is done with it.</summary>
sealed class SourceRun : IAsyncDisposable
{
    readonly CancellationTokenSource _stop = new();
    readonly KafkaSource _source;

    internal SourceRun(KafkaOptions options, RecordingLanes? lanes = null, string? counts = null)
    {
        Lanes = lanes ?? new();
        _source = new(options, TimeProvider.System, Log, counts);
        Completion = Task.Factory.StartNew(
            () => _source.Run(Lanes, _stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    internal RecordingLanes Lanes { get; }

    internal ListLogger<KafkaSource> Log { get; } = new();

    /// <summary>Ends with the source, with its exception where it gave up.</summary>
    internal Task Completion { get; }

    internal IReadOnlyDictionary<LaneId, long> Lags => _source.Lags;

    /// <summary>Why a daemon with this source is not ready.</summary>
    internal IEnumerable<string> Troubles => _source.Troubles;

    /// <summary>Leaves the group in an orderly way.</summary>
    internal async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Completion;
    }

    internal Task ReceivedAsync(int count) => UntilAsync(() => Lanes.Count >= count, () => $"{Lanes.Count} of {count} records");

    internal Task OpenAsync(int lanes) => UntilAsync(() => Lanes.OpenCount == lanes, () => $"{Lanes.OpenCount} of {lanes} lanes");

    async Task UntilAsync(Func<bool> condition, Func<string> otherwise)
    {
        await Wait.UntilAsync(() => Completion.IsCompleted || condition(), () => $"{otherwise()}; {Log}");
        if (Completion.IsFaulted)
        {
            await Completion;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Completion.ContinueWith(_ => { }, TaskScheduler.Default);
        _source.Dispose();
        _stop.Dispose();
    }
}
