using Confluent.Kafka;

namespace StreamForecaster.Worker.Ingestion;

// What can go wrong, told apart: what the client mends itself is one line; what it cannot is the end, with a reason.
sealed partial class KafkaReader
{
    const int QueryAttempts = 3;

    // A trouble that lasts is told again after a minute.
    static readonly TimeSpan TellAgain = TimeSpan.FromMinutes(1);

    readonly Dictionary<ErrorCode, long> _told = [];
    readonly HashSet<string> _missing = [];
    string? _failure;

    // Errors that no waiting mends.
    static bool IsRefusal(ErrorCode code) => code
        is ErrorCode.GroupAuthorizationFailed or ErrorCode.TopicAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed
        or ErrorCode.Local_Authentication or ErrorCode.SaslAuthenticationFailed;

    void ThrowIfFailed()
    {
        if (_failure is not null)
        {
            throw new InvalidOperationException(_failure);
        }
    }

    // Called by the client for errors that belong to no call.
    void Report(Error error)
    {
        if (error.IsFatal || IsRefusal(error.Code))
        {
            _failure ??= $"Kafka at {_options.BootstrapServers}: {error.Reason} ({error.Code}).";
        }
        else if (!_told.TryGetValue(error.Code, out long toldAt) || _time.GetElapsedTime(toldAt) > TellAgain)
        {
            _told[error.Code] = _time.GetTimestamp();
            LogTrouble(_options.BootstrapServers, error.Reason);
        }
    }

    void Recover(ConsumeException e)
    {
        switch (e.Error.Code)
        {
            case ErrorCode.Local_AutoOffsetReset or ErrorCode.OffsetOutOfRange:
                Reset(e.ConsumerRecord.TopicPartitionOffset);
                break;
            case ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic or ErrorCode.Local_UnknownPartition:
                string topic = e.ConsumerRecord?.Topic ?? string.Join(", ", _options.Topics);
                if (_missing.Add(topic))
                {
                    LogMissing(topic, _options.TopicRefresh);
                }

                break;
            case ErrorCode.Local_Application when e.InnerException is { } inner:
                _failure ??= inner.Message;
                break;
            default:
                Report(e.Error);
                break;
        }
    }

    // The offset to read from is not in the partition: records expired before they were read, or the topic was made anew.
    void Reset(TopicPartitionOffset wanted)
    {
        LaneId lane = new(wanted.Topic, wanted.Partition);
        if (!_owned.TryGetValue(lane, out OwnedPartition? partition))
        {
            return;
        }

        WatermarkOffsets ends = Ask(() => _consumer.QueryWatermarkOffsets(partition.Native, QueryTimeout), "the offsets");
        long position = partition.Position >= 0 ? partition.Position : wanted.Offset.Value;
        bool expired = position < ends.Low;
        string loss = expired
            ? $"{lane}: {ends.Low - position} records expired before they were read (wanted offset {position}, the oldest is {ends.Low})"
            : $"{lane}: offset {position} is past the end {ends.High}; the topic was made anew or cut";
        long from = Lost(lane, loss, ends);
        if (from < 0)
        {
            return;
        }

        if (!expired)
        {
            _ids.Ask(lane.Topic);
            _idsSeen[lane.Topic] = _ids.Of(lane.Topic);
            StartAnew(partition, from, ends.Low);
            return;
        }

        partition.Position = from;
        Seek(partition.Native, from);
    }

    // Where to go on after records were lost, as configured; -1 where it is the end.
    long Lost(LaneId lane, string loss, WatermarkOffsets ends)
    {
        if (_options.OnOffsetLoss == OffsetLoss.Stop)
        {
            _owner.SetTrouble(lane.ToString(), loss);
            _failure ??= $"{loss}. To go on, set onOffsetLoss to earliest or latest.";
            return -1;
        }

        long from = _options.OnOffsetLoss == OffsetLoss.Earliest ? ends.Low : ends.High;
        LogOffsetLoss(loss, from);
        return from;
    }

    // Offsets start again: this is another history, and the lane's state belongs to the old one.
    void StartAnew(OwnedPartition partition, long from, long oldest)
    {
        LaneId lane = partition.Lane;
        PutBack(partition);
        _lanes.Close(lane, lost: true);
        _lanes.Open(lane, new(-1, from, oldest, _ => from, () => CountOf(lane.Topic), _idsSeen.GetValueOrDefault(lane.Topic, ""), IsAnother: true));
        _owned[lane] = new(lane, from, -1, _time.GetTimestamp());
        Seek(partition.Native, from);
    }

    void Seek(TopicPartition native, long from)
    {
        // A partition in this state cannot be sought in: it is taken anew.
        _consumer.IncrementalUnassign([native]);
        _consumer.IncrementalAssign([new TopicPartitionOffset(native, from)]);
    }

    // Asks the broker, a few times: a coordinator that is just moving is no reason to end.
    T Ask<T>(Func<T> query, string what)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return query();
            }
            catch (KafkaException e) when (attempt < QueryAttempts && !IsRefusal(e.Error.Code))
            {
                LogAskAgain(what, e.Error.Reason);
            }
            catch (KafkaException e)
            {
                throw new InvalidOperationException(
                    $"Kafka at {_options.BootstrapServers} does not tell {what}: {e.Error.Reason} ({e.Error.Code}).", e);
            }
        }
    }
}
