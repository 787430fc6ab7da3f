using System.Buffers;

namespace StreamForecaster;

/// <summary>A growing run of bytes that is cleared and filled again: no allocation once it has its size.</summary>
public sealed class ByteBuffer(int capacity = 4096) : IBufferWriter<byte>
{
    byte[] _bytes = new byte[capacity];

    /// <summary>The number of bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>What has been written. Valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>What has been written, for asynchronous writers. Valid until the next write.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _bytes.AsMemory(0, Length);

    /// <summary>Forgets what was written, keeps the memory.</summary>
    public void Clear() => Length = 0;

    /// <summary>Cuts back to the first <paramref name="length"/> bytes.</summary>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        Length = length;
    }

    /// <summary>What has been written in a range, to be filled in afterwards (a length before what it counts).</summary>
    public Span<byte> Patch(int start, int length) => _bytes.AsSpan(0, Length).Slice(start, length);

    /// <summary>Appends bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetSpan(bytes.Length));
        Length += bytes.Length;
    }

    /// <summary>Appends one byte.</summary>
    public void Append(byte value)
    {
        if (Length == _bytes.Length)
        {
            Grow(1);
        }

        _bytes[Length++] = value;
    }

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _bytes.Length - Length);
        Length += count;
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        if (_bytes.Length - Length < Math.Max(sizeHint, 1))
        {
            Grow(sizeHint);
        }

        return _bytes.AsSpan(Length);
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        GetSpan(sizeHint);
        return _bytes.AsMemory(Length);
    }

    void Grow(int atLeast) =>
        Array.Resize(ref _bytes, Math.Max(checked(Length + Math.Max(atLeast, 1)), checked(2 * _bytes.Length)));
}
