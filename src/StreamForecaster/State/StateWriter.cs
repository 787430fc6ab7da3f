using System.Buffers.Binary;
using System.Text;

namespace StreamForecaster.State;

/// <summary>Writes what <see cref="StateReader"/> reads.</summary>
public static class StateWriter
{
    /// <summary>Appends a number.</summary>
    public static void Number(this ByteBuffer to, long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(to.GetSpan(sizeof(long)), value);
        to.Advance(sizeof(long));
    }

    /// <summary>Appends a run of bytes with its length.</summary>
    public static void Bytes(this ByteBuffer to, ReadOnlySpan<byte> bytes)
    {
        to.Number(bytes.Length);
        to.Append(bytes);
    }

    /// <summary>Appends a text.</summary>
    public static void Text(this ByteBuffer to, string text) => to.Bytes(Encoding.UTF8.GetBytes(text));
}
