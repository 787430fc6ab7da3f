namespace StreamForecaster.Worker.Ingestion;

/// <summary>Where records come from: a Kafka consumer group, or a replay of files.</summary>
public interface IRecordSource
{
    /// <summary>Reads until <paramref name="stop"/> is cancelled or the input has ended, then closes its lanes, commits what they
    /// acknowledged and leaves. Runs on a thread of its own.</summary>
    /// <exception cref="InvalidOperationException">The source cannot go on (authorisation refused, offsets out of range and not
    /// configured to go on); the message is one clear line.</exception>
    void Run(ILanes lanes, CancellationToken stop);
}
