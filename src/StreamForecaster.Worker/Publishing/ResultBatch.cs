using StreamForecaster.Worker.Ingestion;

namespace StreamForecaster.Worker.Publishing;

/// <summary>
/// What a lane hands to the sinks: everything that its records up to an offset gave. Each sink acknowledges it once; the lane's
/// committable offset moves when all have.
/// </summary>
public sealed class ResultBatch
{
    int _waitingFor;

    /// <summary>The lane that made it.</summary>
    public LaneId Lane { get; set; }

    /// <summary>The first offset it covers.</summary>
    public long FromOffset { get; set; }

    /// <summary>One past the last offset it covers: what may be committed once it is acknowledged.</summary>
    public long UpToOffset { get; set; }

    /// <summary>The lane's ticket for it (<see cref="AcknowledgedPrefix.Issue"/>).</summary>
    public long Ticket { get; set; }

    /// <summary>Line protocol, nanoseconds, one line each ending in '\n'.</summary>
    public ByteBuffer Lines { get; } = new(1024 * 1024);

    /// <summary>The number of lines in <see cref="Lines"/>.</summary>
    public int LineCount { get; set; }

    /// <summary>The same results for Kafka, each line <c>topic-kind TAB key TAB json LF</c> (kind f: forecast, a: anomaly,
    /// e: event); empty unless a Kafka sink is configured.</summary>
    public ByteBuffer Messages { get; } = new();

    /// <summary>Dead letters, one JSON object a line.</summary>
    public ByteBuffer DeadLetters { get; } = new();

    /// <summary>The number of lines in <see cref="DeadLetters"/>.</summary>
    public int DeadLetterCount { get; set; }

    /// <summary>True where there is nothing for any sink.</summary>
    public bool IsEmpty => Lines.Length == 0 && Messages.Length == 0 && DeadLetters.Length == 0;

    /// <summary>The lane's prefix of acknowledged batches.</summary>
    public AcknowledgedPrefix? Prefix { get; set; }

    /// <summary>Called, once, on the thread of the sink that acknowledged last.</summary>
    public Action<ResultBatch>? Acknowledged { get; set; }

    /// <summary>Sets how many sinks must acknowledge.</summary>
    public void Await(int sinks) => _waitingFor = sinks;

    /// <summary>True where one sink is left to acknowledge it.</summary>
    public bool IsLeftToOne => Volatile.Read(ref _waitingFor) == 1;

    /// <summary>A sink has it safely (success answered, or spooled and fsync'd).</summary>
    public void Acknowledge()
    {
        if (Interlocked.Decrement(ref _waitingFor) == 0)
        {
            Acknowledged?.Invoke(this);
        }
    }

    /// <summary>Empties it for its next use.</summary>
    public void Clear()
    {
        Lines.Clear();
        Messages.Clear();
        DeadLetters.Clear();
        LineCount = DeadLetterCount = 0;
    }
}
