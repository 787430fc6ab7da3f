using System.Collections.Concurrent;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Publishing;

namespace StreamForecaster.Worker.Lanes;

/// <summary>The batches that go round: records from the source to the lanes and back, results from the lanes to the sinks and back.</summary>
sealed class BatchPools
{
    readonly ConcurrentBag<RecordBatch> _records = [];
    readonly ConcurrentBag<ResultBatch> _results = [];

    /// <summary>Made once, so that no batch costs a delegate.</summary>
    public BatchPools() => Acknowledged = Return;

    /// <summary>What a result batch calls when all sinks have acknowledged it.</summary>
    public Action<ResultBatch> Acknowledged { get; }

    /// <summary>An empty batch for records.</summary>
    public RecordBatch RentRecords() => _records.TryTake(out RecordBatch? batch) ? batch : new();

    /// <summary>An empty batch for results.</summary>
    public ResultBatch RentResults() => _results.TryTake(out ResultBatch? batch) ? batch : new();

    /// <summary>Takes a batch of records back.</summary>
    public void Return(RecordBatch batch)
    {
        batch.Clear();
        _records.Add(batch);
    }

    void Return(ResultBatch batch)
    {
        AcknowledgedPrefix prefix = batch.Prefix!;
        long ticket = batch.Ticket;
        batch.Clear();
        _results.Add(batch);
        prefix.Acknowledge(ticket);
    }
}
