namespace StreamForecaster.Worker.Ingestion;

/// <summary>
/// What a record source drives: it opens lanes for the partitions it owns, fills their bounded inboxes and asks what may be
/// committed. All calls come from the source's one thread; none blocks but <see cref="Close"/>.
/// </summary>
public interface ILanes
{
    /// <summary>True where a sink commits the offsets in its transactions: the source commits none itself.</summary>
    bool CommitsOffsets => false;

    /// <summary>Partitions are about to be ours: former owners can commit nothing more once this returns.</summary>
    /// <exception cref="InvalidOperationException">They could not be kept out; one line.</exception>
    void Claim(IReadOnlyList<LaneId> lanes)
    {
    }

    /// <summary>A partition is now ours. Returns the offset to read from: <see cref="PartitionStart.From"/>, or an earlier one where state
    /// must be rebuilt.</summary>
    /// <exception cref="TopicMadeAnewException">What is kept of the lane is of a topic with another id; nothing is opened.</exception>
    long Open(LaneId lane, PartitionStart start);

    /// <summary>True while the lane's inbox takes another batch; the source pauses the partition while it is false.</summary>
    bool HasRoom(LaneId lane);

    /// <summary>Why a lane has no room, where it is not just busy: the sink that is in trouble, with its own words; null otherwise.</summary>
    string? Obstacle(LaneId lane);

    /// <summary>An empty batch to fill, from the pool.</summary>
    RecordBatch Rent();

    /// <summary>Hands a filled batch to the lane, which returns it to the pool. Only while <see cref="HasRoom"/>.</summary>
    void Deliver(LaneId lane, RecordBatch batch);

    /// <summary>The lane's partition has been silent for the configured wall-clock time.</summary>
    void Idle(LaneId lane, DateTimeOffset now);

    /// <summary>No record will follow on this lane (a replay's end).</summary>
    void EndOfInput(LaneId lane);

    /// <summary>The offset that may be committed: one past the longest prefix that every sink has acknowledged; -1 while none.</summary>
    long Committable(LaneId lane);

    /// <summary>These offsets are about to be committed. False where a sink could not make its marks durable: commit nothing now.</summary>
    bool BeforeCommit(IReadOnlyList<KeyValuePair<LaneId, long>> offsets);

    /// <summary>An offset of an open lane has been committed.</summary>
    void Committed(LaneId lane, long offset);

    /// <summary>The partition is being taken away. Flushes for a bounded time and returns the offset that may be committed (-1: none);
    /// with <paramref name="lost"/> it is dropped at once and nothing may be committed.</summary>
    long Close(LaneId lane, bool lost);
}
