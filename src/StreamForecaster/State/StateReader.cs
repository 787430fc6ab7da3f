using System.Buffers.Binary;
using System.Text;

namespace StreamForecaster.State;

/// <summary>Reads numbers, texts and runs of bytes from a frame's payload, in the order they were written; little-endian.</summary>
public ref struct StateReader(ReadOnlySpan<byte> bytes)
{
    ReadOnlySpan<byte> _rest = bytes;

    /// <summary>The next number.</summary>
    /// <exception cref="InvalidDataException">The payload ends before it.</exception>
    public long Number() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

    /// <summary>The next run of bytes.</summary>
    /// <exception cref="InvalidDataException">The payload ends before its end.</exception>
    public ReadOnlySpan<byte> Bytes() => Take(Number());

    /// <summary>The next text.</summary>
    /// <exception cref="InvalidDataException">The payload ends before its end.</exception>
    public string Text() => Encoding.UTF8.GetString(Bytes());

    ReadOnlySpan<byte> Take(long count)
    {
        if (count < 0 || count > _rest.Length)
        {
            throw new InvalidDataException($"a state record ends {count - _rest.Length} bytes too early");
        }

        ReadOnlySpan<byte> taken = _rest[..(int)count];
        _rest = _rest[(int)count..];
        return taken;
    }
}
