using Confluent.Kafka;

namespace StreamForecaster.Worker.Publishing.Kafka;

// A transaction from its beginning to its commit, and what becomes of it where the brokers refuse.
public sealed partial class KafkaTransactionSink
{
    // One transaction: the messages of some batches and the offset after them. False where it must be made again.
    async Task<bool> TransactAsync(LaneTransactions lane, List<ResultBatch> batches, CancellationToken stop)
    {
        try
        {
            int messages = Write(lane, batches);
            if (!lane.TryRemove(batches.Count))
            {
                // Released as the commit went through: its next owner goes on behind it.
                return true;
            }

            _metrics.Written(messages);
            if (_trouble is not null)
            {
                _trouble = null;
                LogRecovered(Name);
            }

            foreach (ResultBatch batch in batches)
            {
                Interlocked.Add(ref _bytes, -batch.Messages.Length);
                batch.Acknowledge();
            }

            await HandOverAsync(lane, stop);
            return true;
        }
        catch (KafkaTxnRequiresAbortException aborted)
        {
            Report(aborted.Error.Reason);
            Abort(lane);
            return false;
        }
        catch (KafkaException failed)
        {
            Report(failed.Error.Reason);
            Close(lane, failed.Error);
            return false;
        }
        catch (ObjectDisposedException)
        {
            // Released meanwhile.
            return true;
        }
#pragma warning disable CA1031 // A sink that ends says so, and so does the process.
        catch (Exception bug)
#pragma warning restore CA1031
        {
            _ended = $"{Name} stopped: {bug.Message}";
            return false;
        }
    }

    int Write(LaneTransactions lane, List<ResultBatch> batches)
    {
        IProducer<byte[]?, byte[]> producer = lane.Producer;
        List<KafkaMessage> messages = [];
        batches.ForEach(batch => KafkaSink.Read(batch.Messages.Written, _options, messages));
        messages.RemoveAll(lane.Refused.ContainsKey);
        producer.BeginTransaction();
        foreach (KafkaMessage message in messages)
        {
            Produce(lane, message);
        }

        producer.Flush(Patience);
        BeforeCommitting?.Invoke(lane.Lane);
        long offset = batches[^1].UpToOffset;
        IConsumerGroupMetadata group = _group() ?? throw Aborting("the consumer has no place in its group");
        if (!Marks([KeyValuePair.Create(lane.Lane, offset)]))
        {
            throw Aborting("another sink could not make its marks durable");
        }

        Again(() => producer.SendOffsetsToTransaction([new(lane.Lane.Topic, lane.Lane.Partition, offset)], group, Patience));
        Again(() => producer.CommitTransaction(Patience));
        return messages.Count;
    }

    static KafkaTxnRequiresAbortException Aborting(string reason) => new(new Error(ErrorCode.Local_Application, reason));

    static void Produce(LaneTransactions lane, KafkaMessage message)
    {
        while (true)
        {
            try
            {
                lane.Producer.Produce(message.Topic, new() { Key = message.Key, Value = message.Value }, report =>
                {
                    if (KafkaTopicSink.IsPermanent(report.Error.Code))
                    {
                        lane.Refused[message] = report.Error.Reason;
                    }
                });
                return;
            }
            catch (ProduceException<byte[]?, byte[]> full) when (full.Error.Code == ErrorCode.Local_QueueFull)
            {
                lane.Producer.Flush(Tick);
            }
            catch (ProduceException<byte[]?, byte[]> refused) when (KafkaTopicSink.IsPermanent(refused.Error.Code))
            {
                lane.Refused[message] = refused.Error.Reason;
                return;
            }
        }
    }

    async Task HandOverAsync(LaneTransactions lane, CancellationToken stop)
    {
        if (lane.Refused.Count > 0)
        {
            foreach ((KafkaMessage message, string reason) in lane.Refused)
            {
                _rejections.Add(message.Value, $"{message.Topic}: {reason}");
            }

            _metrics.Rejected(lane.Refused.Count);
            lane.Refused.Clear();
            await _rejections.HandOverAsync(stop);
        }
    }

    void Abort(LaneTransactions lane)
    {
        try
        {
            Again(() => lane.Producer.AbortTransaction(Patience));
        }
        catch (KafkaException failed)
        {
            Close(lane, failed.Error);
        }
    }

    // A fenced producer is not replaced: that would fence the lane's new owner.
    void Close(LaneTransactions lane, Error error)
    {
        lane.Fenced = ($"its transactions have ended: {error.Reason} ({error.Code})", _time.GetTimestamp());
        LogFenced(Name, lane.Lane, error.Reason);
    }

    // The library says which calls may simply be made again.
    static void Again(Action call)
    {
        const int Attempts = 10;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                call();
                return;
            }
            catch (KafkaRetriableException) when (attempt < Attempts)
            {
                continue;
            }
        }
    }
}
