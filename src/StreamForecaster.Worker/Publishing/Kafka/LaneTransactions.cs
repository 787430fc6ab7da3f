using Confluent.Kafka;
using StreamForecaster.Worker.Ingestion;

namespace StreamForecaster.Worker.Publishing.Kafka;

/// <summary>A lane's way into the transactional topics: the batches that wait, oldest first, and the lane's own producer, whose transactional id
/// the next owner takes over.</summary>
sealed class LaneTransactions(LaneId lane, IProducer<byte[]?, byte[]> producer) : IDisposable
{
    readonly Lock _gate = new();
    readonly List<ResultBatch> _waiting = [];
    bool _isClosed;

    public LaneId Lane => lane;

    public IProducer<byte[]?, byte[]> Producer => producer;

    /// <summary>Why nothing more goes through this producer, and since when (<see cref="TimeProvider.GetTimestamp"/>); null while it works.</summary>
    public (string Reason, long Since)? Fenced { get; set; }

    /// <summary>Messages that the broker refuses for good; left out, and in the dead letters instead.</summary>
    public Dictionary<KafkaMessage, string> Refused { get; } = [];

    public void Add(ResultBatch batch)
    {
        lock (_gate)
        {
            _waiting.Add(batch);
        }
    }

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>The oldest batches that every other sink has: what the next transaction may hold.</summary>
    public List<ResultBatch> Ready()
    {
        lock (_gate)
        {
            return _isClosed || Fenced is not null ? [] : [.. _waiting.TakeWhile(static batch => batch.IsLeftToOne)];
        }
    }

    /// <summary>The oldest are committed; false where the lane is no longer ours.</summary>
    public bool TryRemove(int count)
    {
        lock (_gate)
        {
            if (!_isClosed)
            {
                _waiting.RemoveRange(0, count);
            }

            return !_isClosed;
        }
    }

    /// <summary>The lane is no longer ours: what waits is made again by its next owner. Gives the bytes of it.</summary>
    public long Drop()
    {
        lock (_gate)
        {
            _isClosed = true;
            long bytes = _waiting.Sum(static batch => (long)batch.Messages.Length);
            _waiting.Clear();
            return bytes;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => producer.Dispose();
}
