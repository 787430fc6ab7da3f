using System.Collections.Concurrent;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Publishing;

namespace StreamForecaster.Worker.Lanes;

/// <summary>The batches that go round: records from the source to the lanes and back, results from the lanes to the sinks and back.</summary>
sealed class BatchPools
{
    // Batches on their way in all lanes together. A lane may always have two: one that is processed, one that is written.
    const int BatchesMax = 64;
    const int PerLaneMin = 2;
    const int PerLaneMax = 8;

    readonly ConcurrentBag<RecordBatch> _records = [];
    readonly ConcurrentBag<ResultBatch> _results = [];
    volatile int _lanes = 1;

    /// <summary>Made once, so that no batch costs a delegate.</summary>
    public BatchPools() => Acknowledged = Return;

    /// <summary>The number of open lanes: they share the memory of the batches.</summary>
    public int Lanes { set => _lanes = Math.Max(1, value); }

    /// <summary>How many batches a lane may have between its source and the last sink's acknowledgement.</summary>
    public int BatchesPerLane => Math.Clamp(BatchesMax / _lanes, PerLaneMin, PerLaneMax);

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
