using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace StreamForecaster.Worker.Ingestion;

// What is watched about the topics themselves: the number of their partitions, and how long they keep what a paused partition has not read.
sealed partial class KafkaReader
{
    const string Retention = "retention.ms";

    // A pause of some seconds is how the flow is regulated.
    static readonly TimeSpan LongPaused = TimeSpan.FromSeconds(5);

    readonly Dictionary<string, TimeSpan?> _retentions = new(StringComparer.Ordinal);
    readonly HashSet<string> _retentionsAsked = new(StringComparer.Ordinal);
    long _pausedToldAt;
    bool _pausedTold;

    void WatchTopics()
    {
        using IAdminClient admin = new DependentAdminClientBuilder(_consumer.Handle).Build();
        foreach (string topic in _owned.Keys.Select(static lane => lane.Topic).Distinct(StringComparer.Ordinal).ToArray())
        {
            try
            {
                CheckCount(topic, admin.GetMetadata(topic, TimeSpan.FromSeconds(1)).Topics.Find(t => string.Equals(t.Topic, topic, StringComparison.Ordinal))?.Partitions.Count ?? 0);
            }
            catch (KafkaException away)
            {
                Report(away.Error);
            }

            CheckId(topic);
        }
    }

    // A topic that is made anew while it is read: each answer is held against the one before, and the next is asked for.
    void CheckId(string topic)
    {
        if (!_ids.HasAnswered(topic))
        {
            return;
        }

        string before = _idsSeen.GetValueOrDefault(topic, ""), now = _ids.Of(topic);
        _ids.Ask(topic);
        if (now.Length == 0 || string.Equals(before, now, StringComparison.Ordinal))
        {
            return;
        }

        _idsSeen[topic] = now;
        OwnedPartition[] owned = before.Length == 0 ? [] : [.. _owned.Values.Where(partition => string.Equals(partition.Lane.Topic, topic, StringComparison.Ordinal))];
        foreach (OwnedPartition partition in owned)
        {
            WatermarkOffsets ends = Ask(() => _consumer.QueryWatermarkOffsets(partition.Native, QueryTimeout), "the offsets");
            long from = Lost(partition.Lane, new TopicMadeAnewException(partition.Lane, before, now).Message, ends);
            if (from >= 0)
            {
                StartAnew(partition, from, ends.Low);
            }
        }
    }

    int CountOf(string topic)
    {
        using IAdminClient admin = new DependentAdminClientBuilder(_consumer.Handle).Build();
        return Ask(() => admin.GetMetadata(topic, QueryTimeout), $"the partitions of {topic}").Topics[0].Partitions.Count;
    }

    void CheckCount(string topic, int count)
    {
        int known = count == 0 ? 0 : _counts.Known(topic, count);
        if (known == count)
        {
            return;
        }

        string change = $"{topic}: {count} partitions, and {known} before; keys now lie in other partitions than their series' state";
        if (_options.OnPartitionsChanged == PartitionsChanged.Stop)
        {
            _owner.SetTrouble(topic, change);
            _failure ??= $"{change}. To go on, set onPartitionsChanged to continue.";
            return;
        }

        LogPartitionsChanged(change);
        _counts.Set(topic, count);
    }

    // Partitions that have been paused for long: what is in the way, and when Kafka begins to delete what is unread.
    void WatchPauses()
    {
        foreach (OwnedPartition partition in _owned.Values.Where(static p => p.Paused))
        {
            RetentionOf(partition.Lane.Topic);
        }

        OwnedPartition[] paused = [.. _owned.Values.Where(p => p.Paused && _time.GetElapsedTime(p.PausedAt) >= LongPaused)];
        if (paused.Length == 0)
        {
            _owner.SetTrouble(Retention, null);
            _pausedTold = false;
            return;
        }

        TimeSpan? least = null;
        foreach (OwnedPartition partition in paused)
        {
            if (RetentionOf(partition.Lane.Topic) is TimeSpan kept && partition.LastTimestampMs >= 0)
            {
                TimeSpan left = DateTimeOffset.FromUnixTimeMilliseconds(partition.LastTimestampMs) + kept - _time.GetUtcNow();
                least = least is null || left < least ? left : least;
            }
        }

        string trouble = $"{paused.Length} partitions are paused: {_lanes.Obstacle(paused[0].Lane) ?? "their lanes are busy"}; "
            + (least is not TimeSpan time ? "when Kafka deletes what is unread is not known, or never"
                : time > TimeSpan.Zero ? $"Kafka begins to delete what is unread in {time:d\\.hh\\:mm\\:ss}" : "Kafka may delete what is unread at any time");
        _owner.SetTrouble(Retention, trouble);
        if (!_pausedTold || _time.GetElapsedTime(_pausedToldAt) > TellAgain)
        {
            (_pausedTold, _pausedToldAt) = (true, _time.GetTimestamp());
            LogPaused(trouble);
        }
    }

    // Asked for once a topic; the answer comes on a thread of the client's.
    TimeSpan? RetentionOf(string topic)
    {
        if (_retentionsAsked.Add(topic))
        {
            _ = AskRetentionAsync(topic);
        }

        lock (_retentions)
        {
            return _retentions.GetValueOrDefault(topic);
        }
    }

    async Task AskRetentionAsync(string topic)
    {
        try
        {
            using IAdminClient admin = new DependentAdminClientBuilder(_consumer.Handle).Build();
            List<DescribeConfigsResult> answers = await admin.DescribeConfigsAsync(
                [new ConfigResource { Type = ResourceType.Topic, Name = topic }], new() { RequestTimeout = QueryTimeout });
            if (long.TryParse(answers[0].Entries[Retention].Value, System.Globalization.CultureInfo.InvariantCulture, out long ms) && ms >= 0)
            {
                lock (_retentions)
                {
                    _retentions[topic] = TimeSpan.FromMilliseconds(ms);
                }
            }
        }
        catch (KafkaException unknown)
        {
            LogAskAgain($"how long {topic} is kept", unknown.Error.Reason);
        }
    }
}
