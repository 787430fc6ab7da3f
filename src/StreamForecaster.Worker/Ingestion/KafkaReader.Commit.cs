using Confluent.Kafka;

namespace StreamForecaster.Worker.Ingestion;

// What is committed, and what is watched from time to time: lag and silence.
sealed partial class KafkaReader
{
    static readonly TimeSpan LongWithoutPartitions = TimeSpan.FromSeconds(20);

    void Commit()
    {
        List<TopicPartitionOffset>? offsets = null;
        foreach (OwnedPartition partition in _owned.Values)
        {
            long committable = _lanes.Committable(partition.Lane);
            if (committable > partition.Committed)
            {
                (offsets ??= []).Add(new(partition.Native, committable));
            }
        }

        if (offsets is not null)
        {
            Commit(offsets);
        }
    }

    // A commit that fails is no loss: the next one covers it, and what is read again overwrites itself.
    void Commit(List<TopicPartitionOffset> offsets)
    {
        if (_lanes.CommitsOffsets)
        {
            // They are committed: with a transaction, before they were acknowledged.
            Note(offsets);
        }
        else if (_lanes.BeforeCommit(offsets.ConvertAll(static o => KeyValuePair.Create(new LaneId(o.Topic, o.Partition), o.Offset.Value))))
        {
            CommitNow(offsets);
        }
    }

    void CommitNow(List<TopicPartitionOffset> offsets)
    {
        try
        {
            _consumer.Commit(offsets);
            Note(offsets);
        }
        catch (KafkaException e)
        {
            LogCommitFailed(e.Error.Reason);
        }
    }

    void Note(List<TopicPartitionOffset> offsets)
    {
        foreach (TopicPartitionOffset offset in offsets)
        {
            if (_owned.TryGetValue(new(offset.Topic, offset.Partition), out OwnedPartition? partition))
            {
                partition.Committed = offset.Offset;
                _lanes.Committed(partition.Lane, offset.Offset);
            }
        }
    }

    void Watch()
    {
        // It changes with each rebalance of the group, also one that moves none of our partitions.
        _owner.Group = _consumer.ConsumerGroupMetadata;
        if (_owned.Count == 0 && !_toldAlone && _time.GetElapsedTime(_joined) > LongWithoutPartitions)
        {
            _toldAlone = true;
            LogNothing(string.Join(", ", _options.Topics), _options.GroupId);
        }

        bool answering = true;
        foreach (OwnedPartition partition in _owned.Values)
        {
            WatermarkOffsets known = _consumer.GetWatermarkOffsets(partition.Native);
            if (known.High >= 0 && partition.Position >= 0)
            {
                _owner.SetLag(partition.Lane, Math.Max(0, known.High - partition.Position));
            }

            if (answering && _time.GetElapsedTime(partition.LastHeard) >= _options.IdleAfter)
            {
                answering = Tick(partition);
            }
        }
    }

    // A partition is idle only if the broker says that there is nothing to read: silence because the broker is away, or because
    // the lane is full, must not move the lane's time past records that are yet to come. False where the broker did not answer.
    bool Tick(OwnedPartition partition)
    {
        if (partition.Paused || partition.Held is not null)
        {
            return true;
        }

        try
        {
            long end = _consumer.QueryWatermarkOffsets(partition.Native, TimeSpan.FromSeconds(1)).High;
            if (partition.Position < 0 || partition.Position >= end)
            {
                partition.LastHeard = _time.GetTimestamp();
                _lanes.Idle(partition.Lane, _time.GetUtcNow());
            }

            return true;
        }
        catch (KafkaException)
        {
            return false;
        }
    }
}
