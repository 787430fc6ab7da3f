using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Lanes;
using StreamForecaster.Worker.Publishing;
using StreamForecaster.Worker.Training;

namespace StreamForecaster.Worker.Commands.Backtests;

/// <summary>One lane on the replay source's own thread: what comes in is processed at once, and nothing is published.</summary>
sealed class BacktestLane : ILanes, IDisposable
{
    readonly RecordBatch _batch = new();
    readonly ResultBatch _results = new();

    /// <summary>Makes the lane with synchronous training, so that a run is a function of the records.</summary>
    /// <param name="id">The lane's name.</param>
    /// <param name="settings">Its settings.</param>
    /// <param name="closed">Told of each closed step.</param>
    /// <param name="takes">Whether a champion is to answer; null: every one.</param>
    public BacktestLane(LaneId id, LaneSettings settings, Action<StepReport> closed, Predicate<Champion>? takes = null)
    {
        // A file's rows are its time: none is too far ahead.
        settings = settings with { Align = settings.Align with { MaxAhead = TimeSpan.FromDays(36_500) } };
        SynchronousTrainer trainer = new(lanes: 1, TimeSpan.FromSeconds(1));
        Lane = new(id, settings, trainer, 0) { Closed = closed };
        trainer.ChampionReady = champion =>
        {
            if (takes?.Invoke(champion) ?? true)
            {
                Lane.Await(champion);
            }
        };
    }

    /// <summary>The lane.</summary>
    public Lane Lane { get; }

    /// <inheritdoc/>
    public long Open(LaneId lane, PartitionStart start) => start.From;

    /// <inheritdoc/>
    public bool HasRoom(LaneId lane) => true;

    /// <inheritdoc/>
    public string? Obstacle(LaneId lane) => null;

    /// <inheritdoc/>
    public RecordBatch Rent() => _batch;

    /// <inheritdoc/>
    public void Deliver(LaneId lane, RecordBatch batch)
    {
        Lane.Process(batch, _results);
        batch.Clear();
        _results.Clear();
    }

    /// <inheritdoc/>
    public void Idle(LaneId lane, DateTimeOffset now)
    {
        // A replay has no clock: what is silent has ended.
    }

    /// <inheritdoc/>
    public void EndOfInput(LaneId lane)
    {
        Lane.Finish(_results);
        _results.Clear();
    }

    /// <inheritdoc/>
    public long Committable(LaneId lane) => Lane.Position;

    /// <inheritdoc/>
    public bool BeforeCommit(IReadOnlyList<KeyValuePair<LaneId, long>> offsets) => true;

    /// <inheritdoc/>
    public void Committed(LaneId lane, long offset)
    {
    }

    /// <inheritdoc/>
    public long Close(LaneId lane, bool lost) => -1;

    /// <inheritdoc/>
    public void Dispose() => Lane.Dispose();
}
