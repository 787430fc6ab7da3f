using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace StreamForecaster.Worker.Live;

/// <summary>
/// One loop that asks the pipeline and tells every listener: health for all, the list once per distinct filter, a series once however
/// many have it open. While nobody listens it asks nothing.
/// </summary>
sealed partial class LiveBroadcast(ILiveFeed feed, TimeSpan every, int maxListeners, TimeProvider clock, ILogger logger)
{
    // Lanes answer between two batches: one that takes longer is left out of this round.
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    readonly ConcurrentDictionary<LiveListener, bool> _listeners = new();
    readonly Channel<bool> _joined = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Takes a listener in; false while there are too many.</summary>
    public bool TryJoin(LiveListener listener)
    {
        if (_listeners.Count >= maxListeners)
        {
            return false;
        }

        _listeners[listener] = true;
        _joined.Writer.TryWrite(true);
        return true;
    }

    /// <summary>Lets a listener go.</summary>
    public void Leave(LiveListener listener) => _listeners.TryRemove(listener, out _);

    /// <summary>Runs until the token is cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                // A newcomer is told at once.
                await WaitAsync(stop);
                if (!_listeners.IsEmpty)
                {
                    await RoundAsync([.. _listeners.Keys], stop);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return;
        }
    }

    async Task WaitAsync(CancellationToken stop)
    {
        using CancellationTokenSource due = new(every, clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(stop, due.Token);
        try
        {
            await _joined.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // The round is due.
            return;
        }
    }

    async Task RoundAsync(LiveListener[] listeners, CancellationToken stop)
    {
        try
        {
            ArrayBufferWriter<byte> health = new();
            Event(health, "health"u8, feed.Health(), LiveJson.Default.PipelineHealth);
            foreach (IGrouping<(string?, int), LiveListener> alike in listeners.GroupBy(listener => (listener.Filter, listener.Limit)))
            {
                ArrayBufferWriter<byte> list = new();
                if (await AskAsync(token => feed.ListAsync(alike.Key.Item1, alike.Key.Item2, token), stop) is { } rows)
                {
                    Event(list, "list"u8, rows, LiveJson.Default.IReadOnlyListSeriesSummary);
                }

                foreach (IGrouping<string?, LiveListener> same in alike.GroupBy(listener => listener.Series, StringComparer.Ordinal))
                {
                    ReadOnlyMemory<byte> frame = await FrameAsync(health.WrittenMemory, list.WrittenMemory, same.Key, stop);
                    foreach (LiveListener listener in same)
                    {
                        listener.Send(frame);
                    }
                }
            }
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            RoundFailed(failure);
        }
    }

    async Task<ReadOnlyMemory<byte>> FrameAsync(ReadOnlyMemory<byte> health, ReadOnlyMemory<byte> list, string? series, CancellationToken stop)
    {
        ArrayBufferWriter<byte> frame = new(health.Length + list.Length + 1024);
        frame.Write(health.Span);
        frame.Write(list.Span);
        if (series is not null && await AskAsync(token => feed.ShowAsync(series, token), stop) is { } detail)
        {
            Event(frame, "series"u8, detail, LiveJson.Default.SeriesDetail);
        }

        return frame.WrittenMemory;
    }

    static async Task<T?> AskAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken stop)
        where T : class?
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(Patience);
        try
        {
            return await ask(patience.Token).WaitAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return null;
        }
    }

    static void Event<T>(ArrayBufferWriter<byte> frame, ReadOnlySpan<byte> name, T value, JsonTypeInfo<T> type)
    {
        frame.Write("event: "u8);
        frame.Write(name);
        frame.Write("\ndata: "u8);
        using (Utf8JsonWriter json = new(frame))
        {
            JsonSerializer.Serialize(json, value, type);
        }

        frame.Write("\n\n"u8);
    }

    [LoggerMessage(EventId = 600, Level = LogLevel.Warning, Message = "The page could not be told the newest")]
    partial void RoundFailed(Exception failure);
}
