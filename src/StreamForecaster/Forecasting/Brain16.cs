using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamForecaster.Forecasting;

/// <summary>The upper half of a 32-bit float, rounded to nearest: the range of a float at 8 bits of precision.</summary>
static class Brain16
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort Encode(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    public static float Decode(ushort code) => BitConverter.UInt32BitsToSingle((uint)code << 16);

    /// <summary>Two of them in the memory of one float.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Pack(float first, float second) =>
        BitConverter.UInt32BitsToSingle(((uint)Encode(first) << 16) | Encode(second));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (float First, float Second) Unpack(float packed)
    {
        var bits = BitConverter.SingleToUInt32Bits(packed);
        return (BitConverter.UInt32BitsToSingle(bits & 0xFFFF0000), BitConverter.UInt32BitsToSingle(bits << 16));
    }

    public static void Encode(ReadOnlySpan<float> values, Span<ushort> codes)
    {
        for (var i = 0; i < values.Length; i++)
        {
            codes[i] = Encode(values[i]);
        }
    }

    /// <summary>Decodes a whole number of 128-bit vectors: codes.Length is a multiple of 8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Decode(ReadOnlySpan<ushort> codes, Span<float> values)
    {
        ref var source = ref MemoryMarshal.GetReference(codes);
        ref var target = ref MemoryMarshal.GetReference(values[..codes.Length]);
        for (var i = 0; i < codes.Length; i += 8)
        {
            var (low, high) = Vector128.Widen(Vector128.LoadUnsafe(ref Unsafe.Add(ref source, i)));
            (low << 16).AsSingle().StoreUnsafe(ref Unsafe.Add(ref target, i));
            (high << 16).AsSingle().StoreUnsafe(ref Unsafe.Add(ref target, i + 4));
        }
    }
}
