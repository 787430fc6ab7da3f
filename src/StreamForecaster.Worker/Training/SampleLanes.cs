using StreamForecaster.Learning;
using StreamForecaster.Models;
using StreamForecaster.Worker.Ingestion;

namespace StreamForecaster.Worker.Training;

/// <summary>
/// The trainer's side of training across processes: what the samples topic's partitions bring goes to their groups' learners, so a group is trained
/// by whoever the consumer group gives its partition to. A sample that a recovering lane offers again counts once. A version is greater than the
/// position in the topic that it was trained at, so two owners of a group never give one number to two models of different samples.
/// </summary>
/// <param name="trainer">The trainer.</param>
/// <param name="specOf">The shapes of a group's models.</param>
/// <param name="options">The settings of learning.</param>
sealed class SampleLanes(Trainer trainer, Func<string, ModelSpec> specOf, LearnOptions options) : ILanes
{
    readonly Dictionary<string, (IGroupTraining Training, SampleShape Shape)> _groups = new(StringComparer.Ordinal);
    readonly Dictionary<(string Group, ulong Series), long> _known = [];
    readonly Dictionary<LaneId, long> _next = [];
    readonly Stack<RecordBatch> _pool = [];
    long _refused;

    /// <summary>Messages that were none, or of other shapes.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <inheritdoc/>
    public long Open(LaneId lane, PartitionStart start)
    {
        _next[lane] = -1;
        return start.From;
    }

    /// <inheritdoc/>
    public bool HasRoom(LaneId lane) => true;

    /// <inheritdoc/>
    public string? Obstacle(LaneId lane) => null;

    /// <inheritdoc/>
    public RecordBatch Rent() => _pool.TryPop(out RecordBatch? batch) ? batch : new();

    /// <inheritdoc/>
    public void Deliver(LaneId lane, RecordBatch batch)
    {
        for (int i = 0; i < batch.Count; i++)
        {
            if (!TryGive(batch[i].Value))
            {
                Interlocked.Increment(ref _refused);
            }
        }

        _next[lane] = batch[batch.Count - 1].Offset + 1;
        foreach (string group in _groups.Keys)
        {
            trainer.ContinueAfter(group, _next[lane]);
        }

        batch.Clear();
        _pool.Push(batch);
    }

    /// <inheritdoc/>
    public void Idle(LaneId lane, DateTimeOffset now)
    {
    }

    /// <inheritdoc/>
    public void EndOfInput(LaneId lane)
    {
    }

    /// <inheritdoc/>
    public long Committable(LaneId lane) => _next[lane];

    /// <inheritdoc/>
    public bool BeforeCommit(IReadOnlyList<KeyValuePair<LaneId, long>> offsets) => true;

    /// <inheritdoc/>
    public void Committed(LaneId lane, long offset)
    {
    }

    /// <inheritdoc/>
    public long Close(LaneId lane, bool lost) => _next.Remove(lane, out long next) && !lost ? next : -1;

    bool TryGive(ReadOnlySpan<byte> message)
    {
        try
        {
            return SampleMessage.TryGive(message, Group, IsNew);
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    (IGroupTraining Training, SampleShape Shape) Group(string name)
    {
        if (!_groups.TryGetValue(name, out (IGroupTraining Training, SampleShape Shape) group))
        {
            ModelSpec spec = specOf(name);
            _groups[name] = group = (trainer.Join(0, name, spec, options), SampleShape.Of(spec));
        }

        return group;
    }

    bool IsNew(string group, ulong series, long knownNs)
    {
        if (_known.TryGetValue((group, series), out long last) && knownNs <= last)
        {
            return false;
        }

        _known[(group, series)] = knownNs;
        return true;
    }
}
