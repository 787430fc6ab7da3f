namespace StreamForecaster.Decoding;

/// <summary>Timestamps as numbers of a unit and as RFC 3339 text, to Unix nanoseconds.</summary>
static class TimeText
{
    const long Second = 1_000_000_000;

    /// <summary>The end of 1684 to 2255: inside 64 bits, with room for sums of a time and a duration.</summary>
    public const long Limit = 9_000_000_000_000_000_000;

    /// <summary>Reads a number with or without decimals.</summary>
    public static bool TryParseNumber(ReadOnlySpan<byte> text, TimestampUnit unit, out long timestampNs)
    {
        timestampNs = 0;
        int i = 0;
        bool negative = text.Length > 0 && text[0] == '-';
        if (negative)
        {
            i++;
        }

        long whole = 0;
        int start = i;
        for (; i < text.Length && (uint)(text[i] - '0') <= 9; i++)
        {
            if (whole > (long.MaxValue - 9) / 10)
            {
                return false;
            }

            whole = (10 * whole) + (text[i] - '0');
        }

        if (i == start)
        {
            return false;
        }

        double fraction = 0;
        if (i < text.Length && !TryRest(text[start..], i - start, ref whole, out fraction))
        {
            return false;
        }

        return TryScale(negative ? -whole : whole, negative ? -fraction : fraction, unit, out timestampNs);
    }

    /// <summary>Scales a number of a unit.</summary>
    public static bool TryScale(long whole, double fraction, TimestampUnit unit, out long timestampNs)
    {
        long scale = ScaleOf(whole, unit);
        Int128 exact = ((Int128)whole * scale) + (long)Math.Round(fraction * scale);
        timestampNs = (long)exact;
        return Int128.Abs(exact) <= Limit;
    }

    /// <summary>Reads <c>2026-01-31T12:00:00[.123][Z|+01:00]</c>; UTC where no zone is given; a number where it is one.</summary>
    public static bool TryParseText(ReadOnlySpan<byte> text, TimestampUnit unit, out long timestampNs)
    {
        timestampNs = 0;
        if (text.Length < 16 || text[4] != '-')
        {
            return TryParseNumber(text, unit, out timestampNs);
        }

        if (!TryDigits(text, 0, 4, out int year) || !TryDigits(text, 5, 2, out int month) || !TryDigits(text, 8, 2, out int day)
            || !TryDigits(text, 11, 2, out int hour) || !TryDigits(text, 14, 2, out int minute)
            || text[7] != '-' || text[10] is not ((byte)'T' or (byte)'t' or (byte)' ') || text[13] != ':'
            || year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59)
        {
            return false;
        }

        int at = 16;
        if (!TrySeconds(text, ref at, out int second, out int nanosecond) || !TryZone(text[at..], out int offsetMinutes))
        {
            return false;
        }

        long ticks = new DateTime(year, month, day, hour, minute, 0, DateTimeKind.Utc).Ticks - DateTime.UnixEpoch.Ticks;
        long seconds = (ticks / TimeSpan.TicksPerSecond) + second - (60 * offsetMinutes);
        return TryScale(seconds, nanosecond / (double)Second, TimestampUnit.S, out timestampNs);
    }

    // Each window is year 1979 to year 11476 in its unit, so they do not overlap.
    static long ScaleOf(long whole, TimestampUnit unit) => unit switch
    {
        TimestampUnit.S => Second,
        TimestampUnit.Ms => 1_000_000,
        TimestampUnit.Us => 1_000,
        TimestampUnit.Ns => 1,
        _ => Math.Abs((double)whole) switch
        {
            < 3e11 => Second,
            < 3e14 => 1_000_000,
            < 3e17 => 1_000,
            _ => 1,
        },
    };

    // 1.5 keeps its whole part exactly; 1.4e9, whose leading digits are not the whole part, goes through the double.
    static bool TryRest(ReadOnlySpan<byte> text, int pointAt, ref long whole, out double fraction)
    {
        ReadOnlySpan<byte> rest = text[pointAt..];
        if (rest[0] == '.' && rest.IndexOfAny((byte)'e', (byte)'E') < 0)
        {
            fraction = 0;
            return rest.Length == 1 || NumberText.TryParse(rest, out fraction);
        }

        if (!NumberText.TryParse(text, out fraction) || !(fraction < long.MaxValue))
        {
            return false;
        }

        whole = (long)fraction;
        fraction -= whole;
        return true;
    }

    static bool TrySeconds(ReadOnlySpan<byte> text, ref int at, out int second, out int nanosecond)
    {
        second = nanosecond = 0;
        if (at == text.Length || text[at] != ':')
        {
            return true;
        }

        if (!TryDigits(text, at + 1, 2, out second) || second > 60)
        {
            return false;
        }

        at += 3;
        if (at < text.Length && text[at] == '.')
        {
            at++;
            int scale = (int)Second / 10;
            for (; at < text.Length && (uint)(text[at] - '0') <= 9; at++)
            {
                nanosecond += scale * (text[at] - '0');
                scale /= 10;
            }
        }

        return true;
    }

    static bool TryZone(ReadOnlySpan<byte> text, out int offsetMinutes)
    {
        offsetMinutes = 0;
        if (text.IsEmpty || (text.Length == 1 && text[0] is (byte)'Z' or (byte)'z'))
        {
            return true;
        }

        int minutesAt = text.Length > 3 && text[3] == ':' ? 4 : 3;
        if (text[0] is not ((byte)'+' or (byte)'-') || text.Length != minutesAt + 2
            || !TryDigits(text, 1, 2, out int hours) || !TryDigits(text, minutesAt, 2, out int minutes))
        {
            return false;
        }

        offsetMinutes = ((60 * hours) + minutes) * (text[0] == '-' ? -1 : 1);
        return true;
    }

    static bool TryDigits(ReadOnlySpan<byte> text, int at, int count, out int value)
    {
        value = 0;
        if (at + count > text.Length)
        {
            return false;
        }

        foreach (byte digit in text.Slice(at, count))
        {
            if ((uint)(digit - '0') > 9)
            {
                return false;
            }

            value = (10 * value) + (digit - '0');
        }

        return true;
    }
}
