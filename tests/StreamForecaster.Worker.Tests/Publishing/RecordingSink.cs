using System.Collections.Concurrent;
using System.Text;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Publishing;

namespace StreamForecaster.Worker.Tests.Publishing;

/// <summary>Keeps what it is given, per lane, in memory; acknowledges at once, or when told to.</summary>
sealed class RecordingSink(bool acknowledgeAtOnce = true) : ISink
{
    readonly ConcurrentQueue<ResultBatch> _held = new();
    readonly Lock _gate = new();
    readonly Dictionary<LaneId, List<RecordedBatch>> _lanes = [];

    public string Name => "recording";

    public bool HasRoom { get; set; } = true;

    public bool Healthy => true;

    public string? Trouble => null;

    public long LinesWritten => _lanes.Values.Sum(static batches => batches.Count);

    /// <summary>What was restored, in order.</summary>
    public List<KeyValuePair<LaneId, long>> Restored { get; } = [];

    /// <summary>What was about to be committed, in order.</summary>
    public List<KeyValuePair<LaneId, long>> Commits { get; } = [];

    /// <summary>The batches of a lane in the order they came.</summary>
    public IReadOnlyList<RecordedBatch> Batches(LaneId lane)
    {
        lock (_gate)
        {
            return _lanes.TryGetValue(lane, out List<RecordedBatch>? batches) ? [.. batches] : [];
        }
    }

    /// <summary>All lines of a lane, joined.</summary>
    public string Lines(LaneId lane) => string.Concat(Batches(lane).Select(batch => batch.Lines));

    public void Enqueue(ResultBatch batch)
    {
        lock (_gate)
        {
            if (!_lanes.TryGetValue(batch.Lane, out List<RecordedBatch>? batches))
            {
                _lanes[batch.Lane] = batches = [];
            }

            batches.Add(new(batch.FromOffset, batch.UpToOffset, Text(batch.Lines), Text(batch.Messages), Text(batch.DeadLetters)));
        }

        if (acknowledgeAtOnce)
        {
            batch.Acknowledge();
        }
        else
        {
            _held.Enqueue(batch);
        }
    }

    /// <summary>Acknowledges the oldest held batches.</summary>
    public void Release(int count = int.MaxValue)
    {
        while (count-- > 0 && _held.TryDequeue(out ResultBatch? batch))
        {
            batch.Acknowledge();
        }
    }

    public void Restore(LaneId lane, long offset) => Restored.Add(new(lane, offset));

    public bool BeforeCommit(IReadOnlyList<KeyValuePair<LaneId, long>> offsets)
    {
        Commits.AddRange(offsets);
        return true;
    }

    public Task FlushAsync(CancellationToken stop)
    {
        Release();
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    static string Text(ByteBuffer bytes) => Encoding.UTF8.GetString(bytes.Written);
}

/// <summary>One batch as the sink saw it.</summary>
sealed record RecordedBatch(long FromOffset, long UpToOffset, string Lines, string Messages, string DeadLetters);
