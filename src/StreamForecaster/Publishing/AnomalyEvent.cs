namespace StreamForecaster.Publishing;

/// <summary>An anomaly event that has ended, or is published again while it goes on.</summary>
/// <param name="startNs">The start of its first step, Unix ns: the point's time.</param>
/// <param name="endMs">The end of its last step so far, Unix ms, as Grafana's annotations want it.</param>
/// <param name="peak">The highest anomaly score in it, [0, 1].</param>
/// <param name="severity">A word, such as <c>warning</c>.</param>
/// <param name="text">One sentence for people.</param>
/// <param name="tags">Words for Grafana's annotation tags, parted by commas.</param>
public readonly ref struct AnomalyEvent(
    long startNs,
    long endMs,
    double peak,
    ReadOnlySpan<byte> severity,
    ReadOnlySpan<byte> text,
    ReadOnlySpan<byte> tags)
{
    /// <summary>The start of its first step, Unix ns.</summary>
    public long StartNs { get; } = startNs;

    /// <summary>The end of its last step so far, Unix ms.</summary>
    public long EndMs { get; } = endMs;

    /// <summary>The highest anomaly score in it.</summary>
    public double Peak { get; } = peak;

    /// <summary>A word.</summary>
    public ReadOnlySpan<byte> Severity { get; } = severity;

    /// <summary>One sentence.</summary>
    public ReadOnlySpan<byte> Text { get; } = text;

    /// <summary>Words parted by commas.</summary>
    public ReadOnlySpan<byte> Tags { get; } = tags;
}
