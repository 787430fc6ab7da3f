using System.Runtime.InteropServices;

namespace StreamForecaster.Learning;

/// <summary>The buffer as bytes, for the checkpoint.</summary>
public sealed partial class SampleBuffer
{
    /// <summary>Appends the whole state, little-endian.</summary>
    public void Export(ByteBuffer to)
    {
        ArgumentNullException.ThrowIfNull(to);
        to.Append(MemoryMarshal.AsBytes(new ReadOnlySpan<Counters>(in _counters)));
        for (int age = _counters.RecentCount - 1; age >= 0; age--)
        {
            Append(to, Recent, RecentSlot(age));
        }

        for (int slot = 0; slot < _counters.ReservoirCount; slot++)
        {
            Append(to, Reservoir, slot);
        }
    }

    /// <summary>Reads what <see cref="Export"/> wrote and returns the number of bytes read.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a buffer of this shape and these sizes.</exception>
    public int Import(ReadOnlySpan<byte> from)
    {
        ReadOnlySpan<byte> rest = from;
        Counters counters = MemoryMarshal.Read<Counters>(Take(ref rest, Marshal.SizeOf<Counters>()));
        if (counters.RecentCount < 0 || counters.RecentCount > Recent.Capacity
            || counters.RecentNext < 0 || counters.RecentNext >= Recent.Capacity
            || counters.ReservoirCount < 0 || counters.ReservoirCount > Reservoir.Capacity)
        {
            throw new InvalidDataException("The sample buffer's state was written with other buffer sizes.");
        }

        if (rest.Length < ((long)counters.RecentCount + counters.ReservoirCount) * (Marshal.SizeOf<SampleInfo>() + (Shape.Floats * sizeof(float))))
        {
            throw new InvalidDataException("The sample buffer's state ends too early.");
        }

        _counters = counters;
        for (int age = counters.RecentCount - 1; age >= 0; age--)
        {
            Read(ref rest, Recent, RecentSlot(age));
        }

        for (int slot = 0; slot < counters.ReservoirCount; slot++)
        {
            Read(ref rest, Reservoir, slot);
        }

        return from.Length - rest.Length;
    }

    static void Append(ByteBuffer to, SampleStore store, int slot)
    {
        to.Append(MemoryMarshal.AsBytes(new ReadOnlySpan<SampleInfo>(in store.Info(slot))));
        to.Append(MemoryMarshal.AsBytes(store.Floats(slot)));
    }

    void Read(ref ReadOnlySpan<byte> rest, SampleStore store, int slot)
    {
        SampleInfo info = MemoryMarshal.Read<SampleInfo>(Take(ref rest, Marshal.SizeOf<SampleInfo>()));
        MemoryMarshal.Cast<byte, float>(Take(ref rest, Shape.Floats * sizeof(float))).CopyTo(store.Write(slot, info));
    }

    static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> rest, int count)
    {
        if (rest.Length < count)
        {
            throw new InvalidDataException("The sample buffer's state ends too early.");
        }

        ReadOnlySpan<byte> taken = rest[..count];
        rest = rest[count..];
        return taken;
    }
}
