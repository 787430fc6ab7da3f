using Confluent.Kafka;

namespace StreamForecaster.Worker.Ingestion;

/// <summary>What the reader knows of a partition while it is its own.</summary>
sealed class OwnedPartition(LaneId lane, long position, long committed, long now)
{
    /// <summary>The lane it feeds.</summary>
    internal LaneId Lane { get; } = lane;

    /// <summary>The same in the client's words.</summary>
    internal TopicPartition Native { get; } = new(lane.Topic, lane.Partition);

    /// <summary>The offset that is read next; negative while not known.</summary>
    internal long Position { get; set; } = position;

    /// <summary>The offset that the group has committed; -1 while none.</summary>
    internal long Committed { get; set; } = committed;

    /// <summary>Records read and not yet handed to the lane; kept here while its inbox is full.</summary>
    internal RecordBatch? Held { get; set; }

    /// <summary>True while the broker is not asked for more.</summary>
    internal bool Paused { get; set; }

    /// <summary>Since when it is paused (<see cref="TimeProvider.GetTimestamp"/>).</summary>
    internal long PausedAt { get; set; }

    /// <summary>The timestamp of the last record read; -1 where there is none.</summary>
    internal long LastTimestampMs { get; set; } = -1;

    /// <summary>When the last record, or idle tick, was (<see cref="TimeProvider.GetTimestamp"/>).</summary>
    internal long LastHeard { get; set; } = now;
}
