using System.Threading.Channels;

namespace StreamForecaster.Worker.Live;

/// <summary>A browser that listens. A slow one loses old frames: each frame is the newest state, so it misses nothing for long.</summary>
/// <param name="filter">What its list is filtered by.</param>
/// <param name="limit">The rows of its list.</param>
/// <param name="series">The series it has open, or null.</param>
sealed class LiveListener(string? filter, int limit, string? series)
{
    const int FramesKept = 2;

    readonly Channel<ReadOnlyMemory<byte>> _frames = Channel.CreateBounded<ReadOnlyMemory<byte>>(
        new BoundedChannelOptions(FramesKept) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true, SingleWriter = true });

    /// <summary>What its list is filtered by.</summary>
    public string? Filter { get; } = filter;

    /// <summary>The rows of its list.</summary>
    public int Limit { get; } = limit;

    /// <summary>The series it has open, or null.</summary>
    public string? Series { get; } = series;

    /// <summary>The frames to send, newest last.</summary>
    public ChannelReader<ReadOnlyMemory<byte>> Frames => _frames.Reader;

    /// <summary>Hands it a frame.</summary>
    public void Send(ReadOnlyMemory<byte> frame) => _frames.Writer.TryWrite(frame);
}
