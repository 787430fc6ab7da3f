using Confluent.Kafka;

namespace StreamForecaster.Worker.Ingestion;

/// <summary>Takes a record's key or value out of librdkafka's memory into a buffer that is used again, instead of into a new array:
/// its bytes stand in <see cref="Span"/> until the next <c>Consume</c>.</summary>
sealed class RecordBytes(int limit) : IDeserializer<int>
{
    readonly ByteBuffer _bytes = new();

    /// <summary>The bytes of the record that was read last, at most the limit.</summary>
    internal ReadOnlySpan<byte> Span => _bytes.Written;

    /// <summary>Their number before they were cut.</summary>
    internal int FullLength { get; private set; }

    /// <inheritdoc/>
    public int Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
    {
        _bytes.Clear();
        FullLength = data.Length;
        _bytes.Append(data.Length > limit ? data[..Math.Min(limit, CutTo)] : data);
        return 0;
    }

    // Enough for a dead letter to be recognised by.
    const int CutTo = 4096;
}
