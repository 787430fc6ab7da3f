using System.Runtime.InteropServices;

namespace StreamForecaster.Models;

/// <summary>One series' streaming state: views of the caller's memory after a <see cref="StreamLayout"/>.</summary>
readonly unsafe ref struct StreamState(nint address, StreamLayout layout)
{
    readonly Span<byte> _bytes = new((void*)address, layout.Bytes);

    /// <summary>[layer, units].</summary>
    public Span<float> Hidden => Floats(layout.HiddenAt, layout.HiddenFloats);

    /// <summary>An LSTM's memories [layer, units]; empty for others.</summary>
    public Span<float> Memory => Floats(layout.MemoryAt, layout.MemoryFloats);

    /// <summary>The whole ring, slots in place.</summary>
    public ReadOnlySpan<byte> Ring => _bytes[..(layout.Slots * layout.SlotBytes)];

    /// <summary>Steps seen since the start or the last re-encoding.</summary>
    public ref ulong Count => ref MemoryMarshal.AsRef<ulong>(_bytes[layout.CountAt..]);

    /// <summary>Slots that hold a state.</summary>
    public int Filled => (int)Math.Min(Count, (ulong)layout.Slots);

    public void Clear() => _bytes.Clear();

    /// <summary>Puts the newest top-layer state into its slot and counts the step.</summary>
    public void Push(ReadOnlySpan<float> top, bool gap)
    {
        if (layout.Slots > 0)
        {
            int slot = (int)(Count % (ulong)layout.Slots);
            RingCodec.Encode(layout.Ring, top, _bytes.Slice(slot * layout.SlotBytes, layout.SlotBytes));
            if (layout.GapWords > 0) MarkGap(slot, gap);
        }
        Count++;
    }

    /// <summary>0 for slots that attention may see, -∞ for gaps and slots not yet filled. The newest is always seen.</summary>
    public void WriteMask(Span<float> mask)
    {
        int filled = Filled;
        int newest = (int)((Count - 1) % (ulong)layout.Slots);
        for (int slot = 0; slot < mask.Length; slot++)
            mask[slot] = slot == newest || (slot < filled && !IsGap(slot)) ? 0 : float.NegativeInfinity;
    }

    /// <summary>The slot of the oldest of lookback steps: the one that the next step overwrites.</summary>
    public int OldestSlot => (int)(Count % (ulong)layout.Slots);

    bool IsGap(int slot) => layout.GapWords > 0 && (Gaps[slot >> 6] >> (slot & 63) & 1) != 0;

    void MarkGap(int slot, bool gap)
    {
        ulong bit = 1UL << (slot & 63);
        Gaps[slot >> 6] = gap ? Gaps[slot >> 6] | bit : Gaps[slot >> 6] & ~bit;
    }

    Span<ulong> Gaps => MemoryMarshal.Cast<byte, ulong>(_bytes.Slice(layout.GapsAt, layout.GapWords * sizeof(ulong)));

    Span<float> Floats(int at, int count) => MemoryMarshal.Cast<byte, float>(_bytes.Slice(at, 4 * count));
}
