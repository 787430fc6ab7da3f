using System.Buffers.Text;
using System.Globalization;

namespace StreamForecaster.Publishing;

/// <summary>The values in result lines and messages, as UTF-8, without allocation.</summary>
public static class ResultValues
{
    /// <summary>Appends the shortest text that reads back as the same double. Only finite values.</summary>
    public static void AppendDouble(this ByteBuffer to, double value)
    {
        value.TryFormat(to.GetSpan(32), out int written, default, CultureInfo.InvariantCulture);
        to.Advance(written);
    }

    /// <summary>Appends a whole number.</summary>
    public static void AppendLong(this ByteBuffer to, long value)
    {
        Utf8Formatter.TryFormat(value, to.GetSpan(20), out int written);
        to.Advance(written);
    }

    /// <summary>Appends quoted text that serves line protocol and JSON alike: quotes and backslashes escaped, control characters made
    /// spaces.</summary>
    public static void AppendText(this ByteBuffer to, ReadOnlySpan<byte> text)
    {
        Span<byte> target = to.GetSpan((2 * text.Length) + 2);
        int length = 0;
        target[length++] = (byte)'"';
        foreach (byte value in text)
        {
            if (value is (byte)'"' or (byte)'\\')
            {
                target[length++] = (byte)'\\';
            }

            target[length++] = value is < (byte)' ' or 0x7f ? (byte)' ' : value;
        }

        target[length++] = (byte)'"';
        to.Advance(length);
    }
}
