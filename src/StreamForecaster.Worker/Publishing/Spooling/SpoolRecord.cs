using System.Buffers.Binary;

namespace StreamForecaster.Worker.Publishing.Spooling;

/// <summary>
/// The head of a record in a spool segment, little-endian: length and line count of what follows, its checksum, and a checksum of
/// these twelve bytes, so that a length can be believed.
/// </summary>
readonly record struct SpoolRecord(int Length, int LineCount, uint Checksum)
{
    /// <summary>The bytes of a head.</summary>
    public const int HeadBytes = 16;

    // A batch is at most some megabytes; beyond this a length is damage that its checksum did not show.
    const int MaxLength = 1 << 30;

    public static SpoolRecord For(ReadOnlySpan<byte> lines, int lineCount) => new(lines.Length, lineCount, StreamForecaster.State.Checksum.Of(lines));

    public void Write(Span<byte> head)
    {
        BinaryPrimitives.WriteInt32LittleEndian(head, Length);
        BinaryPrimitives.WriteInt32LittleEndian(head[4..], LineCount);
        BinaryPrimitives.WriteUInt32LittleEndian(head[8..], Checksum);
        BinaryPrimitives.WriteUInt32LittleEndian(head[12..], StreamForecaster.State.Checksum.Of(head[..12]));
    }

    public static bool TryRead(ReadOnlySpan<byte> head, out SpoolRecord record)
    {
        record = default;
        if (head.Length < HeadBytes || BinaryPrimitives.ReadUInt32LittleEndian(head[12..]) != StreamForecaster.State.Checksum.Of(head[..12]))
        {
            return false;
        }

        record = new(
            BinaryPrimitives.ReadInt32LittleEndian(head),
            BinaryPrimitives.ReadInt32LittleEndian(head[4..]),
            BinaryPrimitives.ReadUInt32LittleEndian(head[8..]));
        return record is { Length: > 0 and <= MaxLength, LineCount: > 0 };
    }
}
