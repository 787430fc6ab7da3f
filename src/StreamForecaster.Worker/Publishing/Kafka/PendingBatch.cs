using Confluent.Kafka;

namespace StreamForecaster.Worker.Publishing.Kafka;

/// <summary>A batch whose messages are on their way; acknowledged with the last delivery report.</summary>
sealed class PendingBatch
{
    readonly QueuedBatch _batch;
    readonly Action<QueuedBatch, int> _delivered;
    readonly Action<PendingBatch, KafkaMessage, Error> _failed;

    // One for the producing itself, so that early reports do not acknowledge a batch half produced.
    int _left = 1;
    int _messages;

    public PendingBatch(QueuedBatch batch, Action<QueuedBatch, int> delivered, Action<PendingBatch, KafkaMessage, Error> failed)
    {
        _batch = batch;
        _delivered = delivered;
        _failed = failed;
        Report = OnReport;
    }

    /// <summary>What the producer calls for each message.</summary>
    public Action<DeliveryReport<byte[]?, byte[]>> Report { get; }

    /// <summary>One more message to wait for.</summary>
    public void Expect() => Interlocked.Increment(ref _left);

    /// <summary>A message is safe, here or in the dead letters, or the producing has ended.</summary>
    public void Done()
    {
        if (Interlocked.Decrement(ref _left) == 0)
        {
            _delivered(_batch, _messages);
        }
    }

    void OnReport(DeliveryReport<byte[]?, byte[]> report)
    {
        if (report.Error.IsError)
        {
            _failed(this, new(report.Topic, report.Key, report.Value), report.Error);
        }
        else
        {
            Interlocked.Increment(ref _messages);
            Done();
        }
    }
}
