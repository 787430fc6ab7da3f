using System.ComponentModel.DataAnnotations;

namespace StreamForecaster.Worker.Publishing;

/// <summary>Files in a folder: results (<c>*.lp</c>) or dead letters (<c>*.jsonl</c>).</summary>
public sealed record FileSinkOptions
{
    /// <summary>Tells sinks apart in logs and metrics.</summary>
    [Required]
    [RegularExpression("[A-Za-z0-9_.-]+")]
    public string Name { get; init; } = "default";

    /// <summary>The folder; made where it is missing.</summary>
    [Required]
    public string Directory { get; init; } = "";

    /// <summary>A lane goes on in a new file once one has this many bytes.</summary>
    [Range(4096, long.MaxValue)]
    public long RotateBytes { get; init; } = 1L << 30;

    /// <summary>Bytes taken and not yet written from which on the partitions pause.</summary>
    [Range(4096, 1L << 40)]
    public long QueueBytes { get; init; } = 16L << 20;
}
