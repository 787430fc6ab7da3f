using System.Buffers.Binary;

namespace StreamForecaster.State;

/// <summary>
/// A stored piece: length, CRC-32C, kind, bytes; little-endian. Files of state are runs of these, so that damage is seen before it is used.
/// </summary>
public static class StateFrame
{
    /// <summary>Bytes before the payload.</summary>
    public const int PrefixBytes = 12;

    /// <summary>The largest payload.</summary>
    public const int PayloadBytesMax = 1 << 26;

    /// <summary>Opens a frame: what is appended afterwards is its payload, until <see cref="End"/>.</summary>
    /// <returns>Where it starts.</returns>
    public static int Begin(ByteBuffer to)
    {
        int start = to.Length;
        to.GetSpan(PrefixBytes)[..PrefixBytes].Clear();
        to.Advance(PrefixBytes);
        return start;
    }

    /// <summary>Closes the frame that starts at <paramref name="start"/>.</summary>
    public static void End(ByteBuffer to, int start, int kind)
    {
        int length = to.Length - start - PrefixBytes;
        if (length > PayloadBytesMax)
        {
            throw new InvalidOperationException($"a state record of {length} bytes; allowed are {PayloadBytesMax}");
        }

        Span<byte> frame = to.Patch(start, PrefixBytes + length);
        BinaryPrimitives.WriteInt32LittleEndian(frame, length);
        BinaryPrimitives.WriteInt32LittleEndian(frame[8..], kind);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[4..], Checksum.Of(frame[8..]));
    }

    /// <summary>Reads the frame at the start of <paramref name="bytes"/>; false where it is not whole or damaged.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out int kind, out ReadOnlySpan<byte> payload)
    {
        kind = 0;
        payload = default;
        if (bytes.Length < PrefixBytes)
        {
            return false;
        }

        int length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (length is < 0 or > PayloadBytesMax || bytes.Length - PrefixBytes < length)
        {
            return false;
        }

        if (Checksum.Of(bytes.Slice(8, 4 + length)) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]))
        {
            return false;
        }

        kind = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
        payload = bytes.Slice(PrefixBytes, length);
        return true;
    }
}
