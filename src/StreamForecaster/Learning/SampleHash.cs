using System.Text;
using StreamForecaster.State;

namespace StreamForecaster.Learning;

/// <summary>Stable 64-bit hashes: the same on every machine and in every version, as samples, seeds and held-back sets depend on
/// them.</summary>
public static class SampleHash
{
    /// <summary>Hash of a series key's bytes.</summary>
    public static ulong OfKey(ReadOnlySpan<byte> key)
    {
        // FNV-1a, finished by a mixer because its high bits are weak.
        ulong hash = 14695981039346656037;
        foreach (byte b in key)
        {
            hash = (hash ^ b) * 1099511628211;
        }

        return Mix(hash);
    }

    /// <summary>Hash of a name.</summary>
    public static ulong OfName(string name) => OfKey(Encoding.UTF8.GetBytes(name));

    /// <summary>A bijective mixer of 64 bits (SplitMix64, Steele, Lea and Flood 2014).</summary>
    public static ulong Mix(ulong value) => KeyHash.Mix(value + 0x9E3779B97F4A7C15);

    /// <summary>Hash of a pair.</summary>
    public static ulong Mix(ulong first, ulong second) => Mix(first ^ Mix(second));

    /// <summary>The hash as a number in [0, 1).</summary>
    public static double Unit(ulong hash) => (hash >> 11) * (1.0 / (1UL << 53));
}
