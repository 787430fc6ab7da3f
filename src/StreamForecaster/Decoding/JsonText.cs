using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace StreamForecaster.Decoding;

/// <summary>The text of JSON strings without exceptions: unpaired surrogates become U+FFFD.</summary>
static class JsonText
{
    /// <summary>The current string or property name. Lies in the payload, or in <paramref name="scratch"/> where it had escapes.</summary>
    public static ReadOnlySpan<byte> Of(scoped ref Utf8JsonReader reader, ByteBuffer scratch)
    {
        ReadOnlySpan<byte> raw = reader.ValueSpan;
        return reader.ValueIsEscaped ? Unescape(raw, scratch) : raw;
    }

    /// <summary>Replaces the escapes of text whose syntax the reader has checked.</summary>
    public static ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> raw, ByteBuffer scratch)
    {
        scratch.Clear();
        while (!raw.IsEmpty)
        {
            int plain = raw.IndexOf((byte)'\\');
            if (plain < 0)
            {
                scratch.Append(raw);
                break;
            }

            scratch.Append(raw[..plain]);
            raw = raw[plain..];
            if (raw[1] == 'u')
            {
                raw = raw[AppendCodePoint(raw, scratch)..];
                continue;
            }

            scratch.Append(raw[1] switch
            {
                (byte)'n' => (byte)'\n',
                (byte)'r' => (byte)'\r',
                (byte)'t' => (byte)'\t',
                (byte)'b' => (byte)'\b',
                (byte)'f' => (byte)'\f',
                byte itself => itself,
            });
            raw = raw[2..];
        }

        return scratch.Written;
    }

    // "\uXXXX", or two of them that are a pair; returns the length read.
    static int AppendCodePoint(ReadOnlySpan<byte> raw, ByteBuffer scratch)
    {
        int length = 6;
        char high = CodeUnit(raw);
        Rune rune;
        if (raw.Length >= 12 && raw[6] == '\\' && raw[7] == 'u' && Rune.TryCreate(high, CodeUnit(raw[6..]), out rune))
        {
            length = 12;
        }
        else if (!Rune.TryCreate(high, out rune))
        {
            rune = Rune.ReplacementChar;
        }

        scratch.Advance(rune.EncodeToUtf8(scratch.GetSpan(4)));
        return length;
    }

    static char CodeUnit(ReadOnlySpan<byte> raw) =>
        Utf8Parser.TryParse(raw.Slice(2, 4), out uint unit, out int used, 'x') && used == 4 ? (char)unit : '\ufffd';
}
