namespace StreamForecaster.Worker.Publishing.Files;

/// <summary>Writes dead letters, a JSON object a line, to <c>DIRECTORY/TOPIC-PARTITION.000001.jsonl</c>.</summary>
public sealed class DeadLetterFileSink(FileSinkOptions options, SinkContext context)
    : LaneFileSink($"dead-letters:{options.Name}", options, ".jsonl", context)
{
    private protected override ByteBuffer Part(ResultBatch batch) => batch.DeadLetters;

    private protected override int LinesOf(ResultBatch batch) => batch.DeadLetterCount;
}
