using System.Buffers.Binary;
using System.Numerics;

namespace StreamForecaster.State;

/// <summary>A 64-bit hash of bytes that is the same on every machine and in every run: it orders, thins and seeds.</summary>
public static class KeyHash
{
    const ulong Multiplier = 0x9E3779B97F4A7C15;

    /// <summary>The hash of <paramref name="bytes"/>.</summary>
    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        ulong hash = (ulong)bytes.Length * Multiplier;
        while (bytes.Length >= sizeof(ulong))
        {
            hash = Fold(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        ulong tail = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            tail |= (ulong)bytes[i] << (8 * i);
        }

        return Mix(Fold(hash ^ tail));
    }

    /// <summary>The hash of a hash and a number, as evenly spread as the first.</summary>
    public static ulong With(ulong hash, long number) => Mix(Fold(hash ^ (ulong)number) + Multiplier);

    static ulong Fold(ulong value) => BitOperations.RotateLeft(value * Multiplier, 29) ^ (value >> 32);

    /// <summary>The finaliser of SplitMix64 (Steele, Lea and Flood 2014): a bijection of 64 bits.</summary>
    internal static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
