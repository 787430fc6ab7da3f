using System.ComponentModel.DataAnnotations;

namespace StreamForecaster.Worker.Publishing.Spooling;

/// <summary>Where a sink's results wait on disk while its far end is away.</summary>
public sealed record SpoolOptions
{
    /// <summary>The folder that holds a folder for each sink; empty: no spool, the memory queue alone.</summary>
    public string Directory { get; init; } = "";

    /// <summary>Bytes on disk at most; then the partitions pause. Ten minutes of 20,000 lines/s are 2.5 GB.</summary>
    [Range(1 << 16, long.MaxValue)]
    public long MaxBytes { get; init; } = 4L << 30;

    /// <summary>A file that is sent is deleted; after a crash what was sent of one file is sent again.</summary>
    [Range(4096, 1 << 30)]
    public int SegmentBytes { get; init; } = 16 << 20;

    /// <summary>How long the far end is in trouble before what waits in memory goes to disk.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan After { get; init; } = TimeSpan.FromSeconds(5);
}
