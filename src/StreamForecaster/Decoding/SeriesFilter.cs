using System.Buffers;

namespace StreamForecaster.Decoding;

/// <summary>
/// Which series are taken: those that an include pattern fits (all, where there is none) and no exclude pattern does. A pattern
/// without a brace is matched with <c>name.field</c>, one with a brace with <c>name.field{tag=v,tag2=v2}</c>. Holds scratch.
/// </summary>
public sealed class SeriesFilter
{
    static readonly SearchValues<byte> NameEnd = SearchValues.Create(", \\"u8);
    static readonly SearchValues<byte> SpaceEnd = SearchValues.Create(" \\"u8);

    readonly SeriesPattern[] _include;
    readonly SeriesPattern[] _exclude;
    readonly ByteBuffer _display = new(256);

    /// <summary>Takes the patterns of the options.</summary>
    public SeriesFilter(IEnumerable<string> include, IEnumerable<string> exclude)
    {
        _include = [.. include.Select(p => new SeriesPattern(p))];
        _exclude = [.. exclude.Select(p => new SeriesPattern(p))];
    }

    /// <summary>True where there are no patterns.</summary>
    public bool PassesAll => _include.Length == 0 && _exclude.Length == 0;

    /// <summary>True where the series with this key is taken.</summary>
    public bool Passes(ReadOnlySpan<byte> key)
    {
        if (PassesAll)
        {
            return true;
        }

        int shortLength = Show(key);
        ReadOnlySpan<byte> full = _display.Written;
        return (_include.Length == 0 || AnyMatches(_include, full, shortLength)) && !AnyMatches(_exclude, full, shortLength);
    }

    static bool AnyMatches(SeriesPattern[] patterns, ReadOnlySpan<byte> full, int shortLength)
    {
        foreach (SeriesPattern pattern in patterns)
        {
            if (pattern.Glob.Matches(pattern.HasTags ? full : full[..shortLength]))
            {
                return true;
            }
        }

        return false;
    }

    // Writes the display form of the key, and returns the length of its part before the brace.
    int Show(ReadOnlySpan<byte> key)
    {
        int nameEnd = KeyText.Find(key, 0, NameEnd);
        int tagsEnd = KeyText.Find(key, nameEnd, SpaceEnd);
        _display.Clear();
        AppendPlain(key[..nameEnd]);
        _display.Append((byte)'.');
        AppendPlain(key[Math.Min(tagsEnd + 1, key.Length)..]);
        int length = _display.Length;
        if (tagsEnd > nameEnd)
        {
            _display.Append((byte)'{');
            AppendPlain(key[(nameEnd + 1)..tagsEnd]);
            _display.Append((byte)'}');
        }

        return length;
    }

    void AppendPlain(ReadOnlySpan<byte> escaped) =>
        _display.Advance(KeyText.Unescape(escaped, _display.GetSpan(escaped.Length)));

    readonly struct SeriesPattern(string pattern)
    {
        public GlobPattern Glob { get; } = new(pattern);

        public bool HasTags { get; } = pattern.Contains('{', StringComparison.Ordinal);
    }
}
