using System.Runtime.Intrinsics;

namespace StreamForecaster.Scoring;

/// <summary>Numbers the scorer needs at every step, in plain arithmetic: the same bits on every machine.</summary>
static class Decades
{
    const float SquareRootOfHalf = 0.70710678f;
    const float PerOctave = 0.30102999566f;
    const float PerNaturalUnit = 0.43429448f;

    /// <summary>log₁₀ of a normal positive number, within 1e-6: exponent, and the series of artanh for the rest.</summary>
    internal static float Log10(float x)
    {
        var bits = BitConverter.SingleToInt32Bits(x) - BitConverter.SingleToInt32Bits(SquareRootOfHalf);
        var octaves = bits >> 23;
        var rest = BitConverter.Int32BitsToSingle((bits & 0x7FFFFF) + BitConverter.SingleToInt32Bits(SquareRootOfHalf));
        var t = (rest - 1) / (rest + 1);
        var square = t * t;
        var natural = 2 * t * (1 + (square * ((1 / 3f) + (square * ((1 / 5f) + (square * (1 / 7f)))))));
        return (octaves * PerOctave) + (natural * PerNaturalUnit);
    }

    /// <summary>As the other one, of eight numbers, to the same bits.</summary>
    internal static Vector256<float> Log10(Vector256<float> x)
    {
        var smallest = Vector256.Create(BitConverter.SingleToInt32Bits(SquareRootOfHalf));
        var bits = x.AsInt32() - smallest;
        var octaves = Vector256.ConvertToSingle(bits >> 23);
        var rest = ((bits & Vector256.Create(0x7FFFFF)) + smallest).AsSingle();
        var t = (rest - Vector256<float>.One) / (rest + Vector256<float>.One);
        var square = t * t;
        var series = Vector256.Create(1 / 5f) + (square * (1 / 7f));
        series = Vector256<float>.One + (square * (Vector256.Create(1 / 3f) + (square * series)));
        return (octaves * PerOctave) + (2 * t * series * PerNaturalUnit);
    }

    /// <summary>The <paramref name="n"/>-th of a sequence that fills [0, 1) evenly: what rounding is dithered with.</summary>
    internal static float Even(uint n) => ((n * 2654435769u) >> 8) * (1f / (1 << 24));
}
