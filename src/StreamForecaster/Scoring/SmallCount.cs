namespace StreamForecaster.Scoring;

/// <summary>
/// A count up to two million in ten bits: exact below 128, then a floating-point number of six bits behind the point. Rounded with a
/// dither, it is right on average (Morris, "Counting large numbers of events in small registers", CACM 1978).
/// </summary>
static class SmallCount
{
    /// <summary>The bits of a code.</summary>
    internal const int Bits = 10;

    const int Fraction = 6;
    const int Below = 23 - Fraction; // bits of a float's fraction that a code does not have
    const int FirstFloat = 1 << Fraction;
    const uint Offset = ((127u + Fraction) << Fraction) - FirstFloat; // of the codes from the first float on, in a float's upper bits

    /// <summary>The count.</summary>
    internal static float Decode(uint code) => code < FirstFloat ? code : BitConverter.UInt32BitsToSingle((code + Offset) << Below);

    /// <summary>The code of a count; <paramref name="dither"/> in [0, 1) rounds, ½ to the nearest.</summary>
    internal static uint Encode(float count, float dither) => count < FirstFloat
        ? (uint)(count + dither)
        : ((BitConverter.SingleToUInt32Bits(count) + (uint)(dither * (1 << Below))) >> Below) - Offset;

    /// <summary>The code of half a count, rounded down.</summary>
    internal static uint Halve(uint code) => code < 2 * FirstFloat ? code >> 1 : code - FirstFloat;
}
