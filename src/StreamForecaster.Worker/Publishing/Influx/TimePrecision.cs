namespace StreamForecaster.Worker.Publishing.Influx;

/// <summary>The unit of a request's timestamps; its value is the number of digits that a nanosecond timestamp loses.</summary>
enum TimePrecision
{
    Nanoseconds = 0,
    Microseconds = 3,
    Milliseconds = 6,
    Seconds = 9,
}

/// <summary>Cuts the zeros off the nanosecond timestamps of a request: steps are whole seconds mostly, and digits cost.</summary>
static class TimestampCut
{
    /// <summary>The coarsest precision in which every line's timestamp is exact.</summary>
    public static TimePrecision Coarsest(ReadOnlySpan<byte> lines)
    {
        int zeros = (int)TimePrecision.Seconds;
        while (zeros > 0 && !lines.IsEmpty)
        {
            ReadOnlySpan<byte> line = NextLine(ref lines);
            ReadOnlySpan<byte> timestamp = line[(line.LastIndexOf((byte)' ') + 1)..];
            if (timestamp is [(byte)'0'])
            {
                continue;
            }

            zeros = Math.Min(zeros, timestamp.Length - timestamp.TrimEnd((byte)'0').Length);
            if (timestamp.TrimStart((byte)'-').ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            {
                // Not a timestamp: the line is sent as it is, for the server to name.
                zeros = 0;
            }
        }

        return zeros switch
        {
            >= 9 => TimePrecision.Seconds,
            >= 6 => TimePrecision.Milliseconds,
            >= 3 => TimePrecision.Microseconds,
            _ => TimePrecision.Nanoseconds,
        };
    }

    /// <summary>Appends the lines with their timestamps in another precision.</summary>
    public static void Write(ReadOnlySpan<byte> lines, TimePrecision precision, ByteBuffer destination)
    {
        int digits = (int)precision;
        if (digits == 0)
        {
            destination.Append(lines);
            return;
        }

        while (!lines.IsEmpty)
        {
            ReadOnlySpan<byte> line = NextLine(ref lines);
            destination.Append(line.EndsWith(" 0"u8) ? line : line[..^digits]);
            destination.Append((byte)'\n');
        }
    }

    static ReadOnlySpan<byte> NextLine(ref ReadOnlySpan<byte> lines)
    {
        int end = lines.IndexOf((byte)'\n');
        ReadOnlySpan<byte> line = end < 0 ? lines : lines[..end];
        lines = end < 0 ? default : lines[(end + 1)..];
        return line;
    }
}
