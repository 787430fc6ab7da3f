using System.Buffers;

namespace StreamForecaster.Decoding;

/// <summary>
/// The escaping of line protocol in series keys and results. <c>,</c>, space and, but in names, <c>=</c> get a backslash. Control
/// characters become <c>_</c>; a backslash before an escaped character or at the end becomes <c>/</c>, since servers disagree on
/// what it means there. So text without those comes back as it was.
/// </summary>
static class KeyText
{
    static readonly SearchValues<byte> Special = SearchValues.Create(SpecialBytes());

    /// <summary>Appends a name (measurement), escaped.</summary>
    public static void AppendName(ByteBuffer to, ReadOnlySpan<byte> text) => Append(to, text, isName: true);

    /// <summary>Appends a tag key, tag value or field key, escaped.</summary>
    public static void AppendPart(ByteBuffer to, ReadOnlySpan<byte> text) => Append(to, text, isName: false);

    /// <summary>Writes text without its escapes to <paramref name="to"/> (at least as long) and returns the length.</summary>
    public static int Unescape(ReadOnlySpan<byte> text, Span<byte> to)
    {
        int length = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length && text[i + 1] is (byte)',' or (byte)'=' or (byte)' ')
            {
                i++;
            }

            to[length++] = text[i];
        }

        return length;
    }

    /// <summary>The index of the first of <paramref name="stops"/> (which has the backslash) at or after <paramref name="from"/> that no
    /// backslash escapes, or the length.</summary>
    public static int Find(ReadOnlySpan<byte> text, int from, SearchValues<byte> stops)
    {
        while (from < text.Length)
        {
            int step = text[from..].IndexOfAny(stops);
            if (step < 0)
            {
                break;
            }

            from += step;
            if (text[from] != '\\')
            {
                return from;
            }

            // A line's end ends a piece even after a backslash.
            from += from + 1 < text.Length && text[from + 1] == '\n' ? 1 : 2;
        }

        return text.Length;
    }

    static void Append(ByteBuffer to, ReadOnlySpan<byte> text, bool isName)
    {
        if (text.IndexOfAny(Special) < 0)
        {
            to.Append(text);
            return;
        }

        Span<byte> target = to.GetSpan(2 * text.Length);
        int length = 0;
        for (int i = 0; i < text.Length; i++)
        {
            byte value = text[i];
            if (IsEscaped(value, isName))
            {
                target[length++] = (byte)'\\';
            }

            target[length++] = value switch
            {
                < (byte)' ' or 0x7f => (byte)'_',
                (byte)'\\' when IsBeforeEscape(text[i..]) => (byte)'/',
                _ => value,
            };
        }

        to.Advance(length);
    }

    static bool IsEscaped(byte value, bool isName) => value is (byte)',' or (byte)' ' || (value == '=' && !isName);

    static bool IsBeforeEscape(ReadOnlySpan<byte> run)
    {
        int end = run.IndexOfAnyExcept((byte)'\\');
        return end < 0 || run[end] is (byte)',' or (byte)' ' or (byte)'=';
    }

    static byte[] SpecialBytes()
    {
        List<byte> bytes = [(byte)',', (byte)' ', (byte)'=', (byte)'\\', 0x7f];
        for (byte i = 0; i < (byte)' '; i++)
        {
            bytes.Add(i);
        }

        return [.. bytes];
    }
}
