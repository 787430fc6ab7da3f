namespace StreamForecaster.Worker.Ingestion;

/// <summary>What is known of a partition when it becomes ours.</summary>
/// <param name="Committed">The group's committed offset; -1 where there is none.</param>
/// <param name="From">The offset from which results are due: the committed one, or where a new group starts; -1 where the input has no offsets of
/// its own.</param>
/// <param name="Oldest">The offset of the oldest record that can still be read.</param>
/// <param name="Before">The offset of the first record less than a time before <paramref name="From"/>, as records' timestamps go; asked only for a
/// cold start, because it takes the broker some requests.</param>
/// <param name="Partitions">How many partitions the topic has; asked only where placement is checked. Null where the input has no such thing.</param>
/// <param name="TopicId">The topic's id, which a topic made anew has not; empty where the broker does not tell.</param>
/// <param name="IsAnother">The topic was made anew: what is kept of the lane is of other records.</param>
public readonly record struct PartitionStart(long Committed, long From, long Oldest, Func<TimeSpan, long> Before, Func<int>? Partitions = null, string TopicId = "", bool IsAnother = false)
{
    /// <summary>An input that is always read from its beginning.</summary>
    public static PartitionStart Beginning { get; } = new(-1, -1, 0, static _ => 0);
}
