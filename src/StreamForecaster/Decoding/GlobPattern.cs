using System.Text;

namespace StreamForecaster.Decoding;

/// <summary>A pattern of <c>*</c> (any run of bytes) and <c>?</c> (one character of UTF-8); all else stands for itself.</summary>
sealed class GlobPattern(string pattern)
{
    readonly byte[] _pattern = Encoding.UTF8.GetBytes(pattern);

    /// <summary>The pattern as written.</summary>
    public string Text { get; } = pattern;

    /// <summary>True where the whole of <paramref name="text"/> fits.</summary>
    public bool Matches(ReadOnlySpan<byte> text)
    {
        // Only the last star is ever tried again, so the cost is at most pattern times text.
        int at = 0, i = 0, star = -1, starAt = 0;
        while (i < text.Length)
        {
            if (at < _pattern.Length && _pattern[at] == '*')
            {
                (star, starAt) = (at++, i);
            }
            else if (at < _pattern.Length && _pattern[at] == '?')
            {
                at++;
                i += CharacterLength(text[i..]);
            }
            else if (at < _pattern.Length && _pattern[at] == text[i])
            {
                at++;
                i++;
            }
            else if (star >= 0)
            {
                at = star + 1;
                i = ++starAt;
            }
            else
            {
                return false;
            }
        }

        return _pattern.AsSpan(at).IndexOfAnyExcept((byte)'*') < 0;
    }

    /// <summary>True where the whole of <paramref name="text"/> fits.</summary>
    public bool Matches(string text) => Matches(Encoding.UTF8.GetBytes(text));

    static int CharacterLength(ReadOnlySpan<byte> text)
    {
        int length = 1;
        while (length < text.Length && (text[length] & 0xC0) == 0x80)
        {
            length++;
        }

        return length;
    }
}
