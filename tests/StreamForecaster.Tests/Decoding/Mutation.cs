namespace StreamForecaster.Tests.Decoding;

/// <summary>Damages bytes at random: bits and bytes changed, cut off, taken out, and pieces put in that formats stumble over.</summary>
static class Mutation
{
    /// <summary>The most bytes that a mutation adds.</summary>
    internal const int Growth = 100;

    static readonly byte[][] Splices =
    [
        [.. "\""u8], [.. "\\"u8], [.. "{"u8], [.. "}"u8], [.. "["u8], [.. "]"u8], [.. ","u8], [.. ":"u8], [.. "="u8], [.. " "u8], [.. "\n"u8],
        [.. "\\u"u8], [.. "\\ud800"u8], [.. "1e400"u8], [.. "NaN"u8], [.. "null"u8], [.. "-"u8], [.. "9999-12-31T23:59:59Z"u8],
        [.. "99999999999999999999"u8], [0], [0xff], [0xc3, 0x28], [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80], [0x1f, 0x8b, 8],
    ];

    /// <summary>Writes a mutation of <paramref name="seed"/> into <paramref name="text"/>, which has room for <see cref="Growth"/> more, and
    /// returns its length.</summary>
    internal static int Apply(Random random, ReadOnlySpan<byte> seed, Span<byte> text)
    {
        int length = seed.Length;
        seed.CopyTo(text);
        for (int edits = random.Next(1, 5); edits > 0 && length > 0; edits--)
        {
            int at = random.Next(length);
            switch (random.Next(5))
            {
                case 0:
                    text[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    text[at] = (byte)random.Next(256);
                    break;
                case 2:
                    length = at; // cut off
                    break;
                case 3:
                    int removed = Math.Min(random.Next(1, 12), length - at);
                    text[(at + removed)..length].CopyTo(text[at..]);
                    length -= removed;
                    break;
                default:
                    byte[] splice = Splices[random.Next(Splices.Length)];
                    text[at..length].CopyTo(text[(at + splice.Length)..]);
                    splice.CopyTo(text[at..]);
                    length += splice.Length;
                    break;
            }
        }

        return length;
    }
}
