namespace StreamForecaster.Worker.Ingestion.Replay;

/// <summary>Reads a file as records, one per row or line, in the file's order.</summary>
abstract class ReplayReader : IDisposable
{
    /// <summary>The time of the current record, Unix nanoseconds; that of the one before where its own cannot be read, and negative
    /// while there is none.</summary>
    internal long TimestampNs { get; private protected set; } = -1;

    /// <summary>The current record: line protocol, or the row as it stands where it makes no sense (the decoder then says so).</summary>
    internal abstract ReadOnlySpan<byte> Payload { get; }

    /// <summary>Bytes read so far.</summary>
    internal abstract long Position { get; }

    /// <summary>Bytes there are.</summary>
    internal abstract long Length { get; }

    /// <summary>Goes to the next record; false at the end.</summary>
    internal abstract bool Read();

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>Opens a file by its ending.</summary>
    /// <param name="path">The file.</param>
    /// <param name="name">The measurement's name for rows, which have none of their own.</param>
    internal static ReplayReader Open(string path, string name) =>
        Path.GetExtension(path) is ".lp" ? new LineProtocolReader(path) : new CsvReader(path, name);
}
