namespace StreamForecaster.Worker.Publishing.Files;

/// <summary>Writes results as line protocol to <c>DIRECTORY/TOPIC-PARTITION.000001.lp</c>.</summary>
public sealed class LineProtocolFileSink(FileSinkOptions options, SinkContext context)
    : LaneFileSink($"files:{options.Name}", options, ".lp", context)
{
    private protected override ByteBuffer Part(ResultBatch batch) => batch.Lines;

    private protected override int LinesOf(ResultBatch batch) => batch.LineCount;
}
