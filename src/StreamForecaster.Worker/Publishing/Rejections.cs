using System.Text;
using System.Text.Json;
using StreamForecaster.Worker.Ingestion;

namespace StreamForecaster.Worker.Publishing;

/// <summary>Hands what a sink's far end refused to the dead letters, with the server's reason, and waits until they are safe there.</summary>
sealed class Rejections(string sink, ISink? deadLetters)
{
    // Dead letters are for people: the start of a line says what it was.
    const int MaxLineBytes = 4096;

    readonly LaneId _lane = new("rejected." + sink.Replace(':', '.'), 0);
    ResultBatch _batch = new();

    /// <summary>The number of lines collected and not yet handed over.</summary>
    public int Count => _batch.DeadLetterCount;

    /// <summary>Collects a refused line.</summary>
    public void Add(ReadOnlySpan<byte> line, string reason)
    {
        using (Utf8JsonWriter json = new(_batch.DeadLetters))
        {
            json.WriteStartObject();
            json.WriteString("reason", reason);
            json.WriteString("sink", sink);
            json.WriteString("line", Encoding.UTF8.GetString(line[..Math.Min(line.Length, MaxLineBytes)]));
            json.WriteEndObject();
        }

        _batch.DeadLetters.Append((byte)'\n');
        _batch.DeadLetterCount++;
    }

    /// <summary>Collects refused lines, each ending in a line feed, for one reason.</summary>
    public void AddAll(ReadOnlySpan<byte> lines, string reason)
    {
        while (!lines.IsEmpty)
        {
            int end = lines.IndexOf((byte)'\n');
            Add(lines[..end], reason);
            lines = lines[(end + 1)..];
        }
    }

    /// <summary>Forgets what was collected and not handed over: its lines are sent again.</summary>
    public void Clear() => _batch.Clear();

    /// <summary>Completes when the dead letter sink has acknowledged what was collected.</summary>
    public async Task HandOverAsync(CancellationToken stop)
    {
        // The dead letter sink keeps the batch, also where the wait is cut short.
        ResultBatch handed = _batch;
        _batch = new();
        if (handed.DeadLetterCount > 0 && deadLetters is not null)
        {
            TaskCompletionSource safe = new(TaskCreationOptions.RunContinuationsAsynchronously);
            handed.Lane = _lane;
            handed.Acknowledged = _ => safe.TrySetResult();
            handed.Await(1);
            deadLetters.Enqueue(handed);
            await safe.Task.WaitAsync(stop);
        }
    }
}
