using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace StreamForecaster.Models;

/// <summary>Encoder states to and from the ring's precision.</summary>
static class RingCodec
{
    const float Scale = 32767;

    public static void Encode(RingPrecision precision, ReadOnlySpan<float> values, Span<byte> ring)
    {
        switch (precision)
        {
            case RingPrecision.Float32:
                MemoryMarshal.AsBytes(values).CopyTo(ring);
                break;
            case RingPrecision.Half:
                TensorPrimitives.ConvertToHalf(values, MemoryMarshal.Cast<byte, Half>(ring));
                break;
            case RingPrecision.BFloat16:
                EncodeBFloat16(values, MemoryMarshal.Cast<byte, ushort>(ring));
                break;
            default:
                EncodeQ15(values, MemoryMarshal.Cast<byte, short>(ring));
                break;
        }
    }

    public static void Decode(RingPrecision precision, ReadOnlySpan<byte> ring, Span<float> values)
    {
        switch (precision)
        {
            case RingPrecision.Float32:
                MemoryMarshal.Cast<byte, float>(ring).CopyTo(values);
                break;
            case RingPrecision.Half:
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(ring), values);
                break;
            case RingPrecision.BFloat16:
                DecodeBFloat16(MemoryMarshal.Cast<byte, ushort>(ring), values);
                break;
            default:
                DecodeQ15(MemoryMarshal.Cast<byte, short>(ring), values);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void EncodeQ15(ReadOnlySpan<float> values, Span<short> ring)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(ring.Length, values.Length, nameof(ring));
        int i = 0;
        if (Avx.IsSupported)
        {
            ref float from = ref MemoryMarshal.GetReference(values);
            ref short to = ref MemoryMarshal.GetReference(ring);
            Vector256<float> edge = Vector256.Create(1f);
            for (; i + 8 <= values.Length; i += 8)
            {
                Vector256<float> clamped = Vector256.Min(Vector256.Max(Vector256.LoadUnsafe(ref from, (nuint)i), -edge), edge);
                Vector256<int> rounded = Avx.ConvertToVector256Int32(clamped * Scale);
                Sse2.PackSignedSaturate(rounded.GetLower(), rounded.GetUpper()).StoreUnsafe(ref to, (nuint)i);
            }
        }
        for (; i < values.Length; i++) ring[i] = (short)MathF.Round(Scale * Math.Clamp(values[i], -1f, 1f));
    }

    /// <summary>Rounds to nearest, ties to even.</summary>
    static void EncodeBFloat16(ReadOnlySpan<float> values, Span<ushort> ring)
    {
        for (int i = 0; i < values.Length; i++)
        {
            uint bits = BitConverter.SingleToUInt32Bits(values[i]);
            ring[i] = (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
        }
    }

    static void DecodeBFloat16(ReadOnlySpan<ushort> ring, Span<float> values)
    {
        for (int i = 0; i < values.Length; i++) values[i] = BitConverter.UInt32BitsToSingle((uint)ring[i] << 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void DecodeQ15(ReadOnlySpan<short> ring, Span<float> values)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, ring.Length, nameof(values));
        int i = 0;
        if (Vector.IsHardwareAccelerated)
        {
            ref short from = ref MemoryMarshal.GetReference(ring);
            ref float to = ref MemoryMarshal.GetReference(values);
            Vector<float> unit = new(1 / Scale);
            for (; i + Vector<short>.Count <= ring.Length; i += Vector<short>.Count)
            {
                Vector.Widen(Vector.LoadUnsafe(ref from, (nuint)i), out Vector<int> low, out Vector<int> high);
                (Vector.ConvertToSingle(low) * unit).StoreUnsafe(ref to, (nuint)i);
                (Vector.ConvertToSingle(high) * unit).StoreUnsafe(ref to, (nuint)(i + Vector<int>.Count));
            }
        }
        for (; i < ring.Length; i++) values[i] = ring[i] * (1 / Scale);
    }
}
