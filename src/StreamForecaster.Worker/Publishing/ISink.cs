using StreamForecaster.Worker.Ingestion;

namespace StreamForecaster.Worker.Publishing;

/// <summary>A place that results go to. Sinks are independent of each other: each has its own queue, retries and spool.</summary>
public interface ISink : IAsyncDisposable
{
    /// <summary>The name in logs, metrics and on the page, such as <c>influx:metrics</c>.</summary>
    string Name { get; }

    /// <summary>False while memory queue and spool are full: the partitions pause then.</summary>
    bool HasRoom { get; }

    /// <summary>True where acknowledged batches go at once or soon; false while the far end is in trouble.</summary>
    bool Healthy { get; }

    /// <summary>The trouble in one line, or null.</summary>
    string? Trouble { get; }

    /// <summary>Lines that are safe.</summary>
    long LinesWritten { get; }

    /// <summary>True where the sink commits the group's offsets itself, with the results; it is then given every batch, also one without
    /// results, and the source commits nothing.</summary>
    bool CommitsOffsets => false;

    /// <summary>Why the process must end, or null.</summary>
    string? Failure => null;

    /// <summary>A lane's partition is about to be ours: a sink that fences former owners does it now, before the committed offset is asked for.</summary>
    void Claim(LaneId lane)
    {
    }

    /// <summary>A lane is closed: nothing more of it is committed by this sink.</summary>
    void Release(LaneId lane)
    {
    }

    /// <summary>Takes a batch and returns at once. The sink calls <see cref="ResultBatch.Acknowledge"/> exactly once when it is safe, and
    /// does not touch it afterwards.</summary>
    void Enqueue(ResultBatch batch);

    /// <summary>A lane starts at the committed offset, -1 where there is none: a sink that keeps marks (files) cuts back to the mark
    /// of it, and starts a new file without one.</summary>
    void Restore(LaneId lane, long offset);

    /// <summary>The source is about to commit these offsets: a sink that keeps marks makes them durable first. False where it could
    /// not (disk full): commit nothing now, and ask again with the next commit.</summary>
    bool BeforeCommit(IReadOnlyList<KeyValuePair<LaneId, long>> offsets);

    /// <summary>Completes when everything enqueued so far has been acknowledged, or the token is cancelled.</summary>
    Task FlushAsync(CancellationToken stop);
}
