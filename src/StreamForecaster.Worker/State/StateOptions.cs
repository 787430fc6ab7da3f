using System.ComponentModel.DataAnnotations;

namespace StreamForecaster.Worker.State;

/// <summary>Where state is kept.</summary>
public enum StateStore
{
    /// <summary>In a folder.</summary>
    Folder,

    /// <summary>In topics.</summary>
    Topic,
}

/// <summary>Where lanes keep their journal, checkpoints and models.</summary>
public sealed record StateOptions
{
    /// <summary>The folder. Instances that share a consumer group share it, or each lane starts cold where it moves to.</summary>
    [Required]
    public string Directory { get; init; } = "data/state";

    /// <summary>Where the state is kept: in the folder, or in topics of the cluster that the records come from; the folder is scratch then.</summary>
    public StateStore Store { get; init; }

    /// <summary>What the names of the topics begin with: <c>PREFIX-state</c> and <c>PREFIX-models</c> (compacted), <c>PREFIX-journal</c> (not compacted; what no checkpoint needs is deleted).</summary>
    [Required]
    [RegularExpression("[A-Za-z0-9_.-]+")]
    public string TopicPrefix { get; init; } = "streamforecaster";

    /// <summary>The partitions of the topics of state and journal; all processes must agree.</summary>
    [Range(1, 1000)]
    public int TopicPartitions { get; init; } = 12;

    /// <summary>Wall-clock time between two checkpoints of a lane: what must be read again after a fault.</summary>
    public TimeSpan CheckpointEvery { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Checkpoints kept, a lane.</summary>
    [Range(1, 100)]
    public int Kept { get; init; } = 3;

    /// <summary>Records read again on a start at most. A longer way from the checkpoint, or from the first start, to the committed offset is not
    /// gone: the lane starts cold, one lookback before it (never more records than these), and its series warm up. Ten million are about two minutes.</summary>
    [Range(1, long.MaxValue)]
    public long RestoreMaxRecords { get; init; } = 10_000_000;
}
