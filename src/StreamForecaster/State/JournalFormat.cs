using System.Buffers.Binary;
using System.Text;

namespace StreamForecaster.State;

/// <summary>
/// A journal entry as bytes: length, CRC-32C, then version, offset, sequence, generation, kind, number, extra, and the group's name in UTF-8;
/// little-endian. A torn or damaged tail is told from a whole entry by its checksum.
/// </summary>
public static class JournalFormat
{
    /// <summary>The version written. Older ones are read, newer ones refused.</summary>
    public const int Version = 1;

    const int PrefixBytes = 8;
    const int FixedBytes = 4 + (6 * 8);
    const int GroupBytesMax = 4096;

    /// <summary>Appends an entry.</summary>
    public static void Write(ByteBuffer to, JournalEntry entry)
    {
        byte[] group = Encoding.UTF8.GetBytes(entry.Group);
        Span<byte> bytes = to.GetSpan(PrefixBytes + FixedBytes + group.Length);
        Span<byte> body = bytes.Slice(PrefixBytes, FixedBytes + group.Length);
        BinaryPrimitives.WriteInt32LittleEndian(body, Version);
        long[] numbers = [entry.Offset, entry.Sequence, entry.Generation, (long)entry.Kind, entry.Number, entry.Extra];
        for (int i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(body[(4 + (8 * i))..], numbers[i]);
        }

        group.CopyTo(body[FixedBytes..]);
        BinaryPrimitives.WriteInt32LittleEndian(bytes, body.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], Checksum.Of(body));
        to.Advance(PrefixBytes + body.Length);
    }

    /// <summary>Reads the entry at the start of <paramref name="bytes"/>.</summary>
    /// <returns>The entry and its length; null where what is there is not a whole, undamaged entry.</returns>
    /// <exception cref="InvalidDataException">It was written by a newer version.</exception>
    public static (JournalEntry Entry, int Length)? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < PrefixBytes + FixedBytes)
        {
            return null;
        }

        int length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (length is < FixedBytes or > FixedBytes + GroupBytesMax || bytes.Length < PrefixBytes + length)
        {
            return null;
        }

        ReadOnlySpan<byte> body = bytes.Slice(PrefixBytes, length);
        if (Checksum.Of(body) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]))
        {
            return null;
        }

        int version = BinaryPrimitives.ReadInt32LittleEndian(body);
        if (version > Version)
        {
            throw new InvalidDataException($"journal entry of format {version}; this version reads up to {Version}");
        }

        return (new(Number(body, 0), Number(body, 1), Number(body, 2), (JournalKind)Number(body, 3),
            Encoding.UTF8.GetString(body[FixedBytes..]), Number(body, 4), Number(body, 5)), PrefixBytes + length);
    }

    static long Number(ReadOnlySpan<byte> body, int index) => BinaryPrimitives.ReadInt64LittleEndian(body[(4 + (8 * index))..]);
}
