using System.Globalization;

namespace StreamForecaster.Decoding;

/// <summary>Decimal text to double, correctly rounded; a short way for what metrics mostly are.</summary>
static class NumberText
{
    // Whole numbers up to 2^53 and powers of ten up to 10^22 are exact, so one multiplication or division rounds once:
    // Clinger, How to Read Floating Point Numbers Accurately, 1990, section 3.
    static readonly double[] PowersOfTen =
    [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ];

    /// <summary>Reads all of <paramref name="text"/>. May give an infinity (1e400) or NaN ("NaN"): the caller looks.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out double value)
    {
        int i = 0;
        bool negative = text.Length > 0 && text[0] == '-';
        if (negative)
        {
            i++;
        }

        ulong digits = 0;
        int digitCount = 0, decimals = 0;
        for (; i < text.Length; i++)
        {
            uint digit = (uint)(text[i] - '0');
            if (digit <= 9)
            {
                digits = (10 * digits) + digit;
                digitCount++;
                decimals += decimals > 0 ? 1 : 0;
            }
            else if (text[i] == '.' && decimals == 0 && digitCount > 0)
            {
                decimals = 1; // one more than the digits after the point
            }
            else
            {
                return TryParseAny(text, out value);
            }
        }

        if (digitCount is 0 or > 19 || digits > 1UL << 53)
        {
            return TryParseAny(text, out value);
        }

        double magnitude = decimals > 1 ? digits / PowersOfTen[decimals - 1] : digits;
        value = negative ? -magnitude : magnitude;
        return true;
    }

    static bool TryParseAny(ReadOnlySpan<byte> text, out double value) => double.TryParse(
        text,
        NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
        CultureInfo.InvariantCulture,
        out value);
}
