using System.ComponentModel.DataAnnotations;

namespace StreamForecaster.Worker.Ingestion.Replay;

/// <summary>Which files are replayed, and into which lanes.</summary>
public sealed record ReplayOptions
{
    /// <summary>Files (<c>.csv</c>, <c>.lp</c>), or folders: every such file below them, in ordinal order of their paths.</summary>
    [Required, MinLength(1)]
    public string[] Paths { get; init; } = [];

    /// <summary>One lane for all files, merged by time, instead of a lane for each file.</summary>
    public bool OneLane { get; init; }

    /// <summary>The topic's name in lane ids; the partition is the file's index.</summary>
    [Required]
    public string Topic { get; init; } = "replay";

    /// <summary>The most records handed to a lane at once.</summary>
    [Range(1, 100_000)]
    public int MaxBatchRecords { get; init; } = 500;
}
