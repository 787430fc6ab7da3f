using Confluent.Kafka;

namespace StreamForecaster.Worker.Ingestion;

// Partitions come and go.
sealed partial class KafkaReader
{
    List<TopicPartitionOffset> Assigned(List<TopicPartition> partitions)
    {
        _owner.Group = _consumer.ConsumerGroupMetadata;
        _lanes.Claim([.. partitions.Select(static native => new LaneId(native.Topic, native.Partition))]);
        Dictionary<TopicPartition, long> committed = CommittedOffsets(partitions);
        Dictionary<TopicPartition, long> starts = StartOffsets([.. partitions.Where(partition => committed[partition] < 0)]);
        foreach (string topic in partitions.Select(static native => native.Topic).Distinct(StringComparer.Ordinal))
        {
            _idsSeen[topic] = _ids.Of(topic);
        }

        List<TopicPartitionOffset> from = [];
        _owner.Own(partitions.Select(static native => new LaneId(native.Topic, native.Partition)));
        foreach (TopicPartition native in partitions)
        {
            LaneId lane = new(native.Topic, native.Partition);
            long start = starts.GetValueOrDefault(native, committed[native]);
            long oldest = Ask(() => _consumer.QueryWatermarkOffsets(native, QueryTimeout), "the offsets").Low;
            long position = Open(new(committed[native], start, oldest, span => OffsetBefore(native, start, oldest, span), () => CountOf(native.Topic), _idsSeen[native.Topic]), native, starts);
            _owned[lane] = new(lane, position, committed[native], _time.GetTimestamp());
            from.Add(new(native, position));
            _missing.Remove(native.Topic);
            LogAssigned(lane, position, committed[native]);
        }

        // The start of a new group is committed at once: a restart before the first result must not skip what came between.
        if (starts.Count > 0)
        {
            CommitNow([.. starts.Select(start => new TopicPartitionOffset(start.Key, start.Value))]);
        }

        return from;
    }

    // A topic made anew may have more records than the one before: then what is committed lies inside it, and its id alone tells.
    long Open(PartitionStart start, TopicPartition native, Dictionary<TopicPartition, long> starts)
    {
        LaneId lane = new(native.Topic, native.Partition);
        try
        {
            return _lanes.Open(lane, start);
        }
        catch (TopicMadeAnewException anew)
        {
            long from = Lost(lane, anew.Message, Ask(() => _consumer.QueryWatermarkOffsets(native, QueryTimeout), "the offsets"));
            if (from < 0)
            {
                return Offset.End;
            }

            starts[native] = from;
            return _lanes.Open(lane, start with { Committed = -1, From = from, Before = _ => from, IsAnother = true });
        }
    }

    Dictionary<TopicPartition, long> CommittedOffsets(List<TopicPartition> partitions) =>
        Ask(() => _consumer.Committed(partitions, QueryTimeout), "the committed offsets")
            .ToDictionary(known => known.TopicPartition, known => known.Offset.IsSpecial ? -1 : known.Offset.Value);

    // Where partitions without a committed offset start, as numbers: a lane and a commit need them.
    Dictionary<TopicPartition, long> StartOffsets(List<TopicPartition> partitions)
    {
        Dictionary<TopicPartition, long> starts = [];
        if (partitions.Count == 0)
        {
            return starts;
        }

        if (!_start.IsEarliest && !_start.IsLatest)
        {
            // Negative times have other meanings in the protocol.
            long fromMs = Math.Max(0, _start.TimeFrom(_time.GetUtcNow()).ToUnixTimeMilliseconds());
            Timestamp from = new(fromMs, TimestampType.CreateTime);
            List<TopicPartitionTimestamp> times = [.. partitions.Select(partition => new TopicPartitionTimestamp(partition, from))];
            foreach (TopicPartitionOffset found in Ask(() => _consumer.OffsetsForTimes(times, QueryTimeout), "offsets by time"))
            {
                if (!found.Offset.IsSpecial)
                {
                    starts[found.TopicPartition] = found.Offset;
                }
            }
        }

        // A time after the last record has no offset: it means what is yet to come.
        foreach (TopicPartition partition in partitions.Where(partition => !starts.ContainsKey(partition)))
        {
            WatermarkOffsets ends = Ask(() => _consumer.QueryWatermarkOffsets(partition, QueryTimeout), "the offsets");
            starts[partition] = _start.IsEarliest ? ends.Low : ends.High;
        }

        return starts;
    }

    void Revoked(List<TopicPartitionOffset> partitions, bool lost)
    {
        List<TopicPartitionOffset> commits = [];
        foreach (TopicPartitionOffset revoked in partitions)
        {
            LaneId lane = new(revoked.Topic, revoked.Partition);
            if (!_owned.TryGetValue(lane, out OwnedPartition? partition))
            {
                continue;
            }

            PutBack(partition);
            long committable = _lanes.Close(lane, lost);
            if (!lost && committable > partition.Committed)
            {
                commits.Add(new(partition.Native, committable));
            }

            _owned.Remove(lane);
            _owner.Disown(lane);
            LogRevoked(lane, lost ? "lost" : "given up", committable);
        }

        if (commits.Count > 0 && !_lanes.CommitsOffsets)
        {
            Commit(commits);
        }
    }

    // Records that no lane has had are read again by whoever owns the partition next.
    void PutBack(OwnedPartition partition)
    {
        if (partition.Held is { } held)
        {
            held.Clear();
            _spare.Push(held);
            partition.Held = null;
        }
    }

    void Leave()
    {
        try
        {
            // Calls Revoked for what is still ours: the lanes flush, their offsets are committed, then the group is left.
            _consumer.Close();
        }
        catch (KafkaException e)
        {
            LogCloseFailed(e.Error.Reason);
        }

        foreach (LaneId lane in _owned.Keys.ToArray())
        {
            _lanes.Close(lane, lost: true);
            _owned.Remove(lane);
            _owner.Disown(lane);
        }
    }
}
