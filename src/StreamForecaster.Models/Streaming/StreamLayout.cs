using System.Diagnostics.CodeAnalysis;

namespace StreamForecaster.Models;

/// <summary>
/// What each value of the ring of encoder states is kept as. <see cref="Q15"/> is round(32767·h): only for |h| ≤ 1, and there
/// thirty times as exact as <see cref="BFloat16"/> in the same two bytes.
/// </summary>
[SuppressMessage("Naming", "CA1720", Justification = "The type is what the name is about.")]
public enum RingPrecision { Q15, Float32, Half, BFloat16 }

/// <summary>
/// Where the parts of a series' streaming state lie, in bytes from its 64-byte aligned start: the ring [lookback, width], slot
/// step mod lookback; the carried encoder states in float32 [layer, units], an LSTM's memories after them; the number of steps
/// seen (ulong); one bit per slot for gaps, where the spec has them. Models without attention have no ring.
/// </summary>
sealed class StreamLayout
{
    public StreamLayout(ModelSpec spec, RingPrecision ring)
    {
        Ring = ring;
        Slots = spec.Attention == AttentionKind.None ? 0 : spec.Lookback;
        SlotBytes = spec.StateWidth * (ring == RingPrecision.Float32 ? 4 : 2);
        HiddenAt = Aligned(Slots * SlotBytes);
        HiddenFloats = spec.Layers * spec.HiddenSize;
        MemoryAt = HiddenAt + 4 * HiddenFloats;
        MemoryFloats = spec.Encoder == EncoderKind.Lstm ? HiddenFloats : 0;
        CountAt = AlignedTo(MemoryAt + 4 * MemoryFloats, 8);
        GapsAt = CountAt + sizeof(ulong);
        GapWords = spec.GapInput < 0 ? 0 : (Slots + 63) / 64;
        Bytes = Aligned(GapsAt + GapWords * sizeof(ulong));
    }

    public RingPrecision Ring { get; }

    public int Slots { get; }

    public int SlotBytes { get; }

    public int HiddenAt { get; }

    /// <summary>Over all layers.</summary>
    public int HiddenFloats { get; }

    public int MemoryAt { get; }

    /// <summary>Over all layers; 0 for all but an LSTM.</summary>
    public int MemoryFloats { get; }

    public int CountAt { get; }

    public int GapsAt { get; }

    public int GapWords { get; }

    public int Bytes { get; }

    static int Aligned(int bytes) => AlignedTo(bytes, 64);

    static int AlignedTo(int bytes, int to) => (bytes + to - 1) / to * to;
}
