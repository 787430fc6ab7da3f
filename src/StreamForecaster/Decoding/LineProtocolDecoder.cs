using System.Buffers;
using System.Text.Unicode;

namespace StreamForecaster.Decoding;

/// <summary>Influx line protocol: <c>name,tag=v field=1.5,other=3i 1458229140000000000</c>, many lines per record.</summary>
public sealed class LineProtocolDecoder : IDecoder
{
    static readonly SearchValues<byte> NameEnd = SearchValues.Create(", \\\n"u8);
    static readonly SearchValues<byte> KeyEnd = SearchValues.Create("=, \\\n"u8);

    readonly TimestampUnit _unit;
    readonly SeriesKeyBuilder _series = new();
    readonly FieldList _fields = new();
    readonly ByteBuffer _scratch = new(1024);
    readonly ByteBuffer _keyScratch = new(256);

    /// <summary>Takes the unit of timestamps.</summary>
    public LineProtocolDecoder(DecodeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _unit = options.TimestampUnit;
    }

    /// <inheritdoc/>
    public void Decode(ReadOnlySpan<byte> payload, long recordTimestampNs, PointBatch points)
    {
        ArgumentNullException.ThrowIfNull(points);
        _series.CheckUtf8 = !Utf8.IsValid(payload);
        int at = 0;
        while (at < payload.Length)
        {
            int start = at;
            if (payload[at] is (byte)'\n' or (byte)'\r' or (byte)' ' or (byte)'\t')
            {
                at++;
                continue;
            }

            if (payload[at] == '#' || DecodeLine(payload, ref at, recordTimestampNs, points) is not string problem)
            {
                at = EndOfLine(payload, at);
                continue;
            }

            points.AddError(problem, Math.Min(at, payload.Length));
            at = EndOfLine(payload, start);
        }
    }

    static int EndOfLine(ReadOnlySpan<byte> payload, int from)
    {
        int step = from < payload.Length ? payload[from..].IndexOf((byte)'\n') : -1;
        return step < 0 ? payload.Length : from + step + 1;
    }

    // Returns what is wrong with the line, and leaves at there; or null, and leaves at after what was read.
    string? DecodeLine(ReadOnlySpan<byte> payload, ref int at, long recordTimestampNs, PointBatch points)
    {
        int start = at;
        _series.Clear();
        _fields.Clear();
        int end = KeyText.Find(payload, at, NameEnd);
        _series.SetName(Plain(payload[at..end], _scratch));
        at = end;
        if (_series.Name.IsEmpty)
        {
            return _series.Problem ?? "a line without name";
        }

        string? problem = ReadTags(payload, ref at) ?? _series.Problem ?? ReadFields(payload, ref at, points);
        long timestampNs = recordTimestampNs;
        problem ??= ReadTime(payload, ref at, ref timestampNs);
        if (problem is null)
        {
            _fields.AddTo(points, _series, start, timestampNs);
        }

        return problem;
    }

    string? ReadTags(ReadOnlySpan<byte> payload, ref int at)
    {
        while (at < payload.Length && payload[at] == ',')
        {
            at++;
            int end = KeyText.Find(payload, at, KeyEnd);
            if (end == payload.Length || payload[end] != '=' || end == at)
            {
                return "a tag without name or value";
            }

            ReadOnlySpan<byte> key = payload[at..end];
            at = end + 1;
            end = KeyText.Find(payload, at, NameEnd);
            _series.AddTag(Plain(key, _keyScratch), Plain(payload[at..end], _scratch));
            at = end;
        }

        return SkipSpaces(payload, ref at) ? null : "a line without fields";
    }

    string? ReadFields(ReadOnlySpan<byte> payload, ref int at, PointBatch points)
    {
        while (true)
        {
            int end = KeyText.Find(payload, at, KeyEnd);
            if (end == payload.Length || payload[end] != '=' || end == at)
            {
                return "a field without name or value";
            }

            ReadOnlySpan<byte> key = payload[at..end];
            at = end + 1;
            string? problem = ReadField(payload, Plain(key, _keyScratch), ref at, points);
            if (problem is not null)
            {
                return problem;
            }

            if (at >= payload.Length || payload[at] != ',')
            {
                return null;
            }

            at++;
        }
    }

    // A bad number is an error of its own; only what hides where the value ends spoils the line.
    string? ReadField(ReadOnlySpan<byte> payload, ReadOnlySpan<byte> name, ref int at, PointBatch points)
    {
        if (at < payload.Length && payload[at] == '"')
        {
            points.Skip();
            return SkipText(payload, ref at) ? null : "a text without its closing quote";
        }

        int start = at;
        int step = payload[at..].IndexOfAny((byte)',', (byte)' ', (byte)'\n');
        at = step < 0 ? payload.Length : at + step;
        ReadOnlySpan<byte> text = payload[start..at].TrimEnd((byte)'\r');
        if (LineValue.IsBoolean(text) || LineValue.IsNotFinite(text))
        {
            points.Skip();
        }
        else if (!LineValue.TryNumber(text, out double value))
        {
            points.AddError("a field's value is not a number, boolean or quoted text", start);
        }
        else if (!_fields.TryAdd(name, value, _series.CheckUtf8))
        {
            points.AddError("a field name that is empty, longer than 4096 bytes or not UTF-8", start);
        }

        return null;
    }

    string? ReadTime(ReadOnlySpan<byte> payload, ref int at, ref long timestampNs)
    {
        if (!SkipSpaces(payload, ref at))
        {
            return null;
        }

        int end = EndOfLine(payload, at);
        ReadOnlySpan<byte> text = payload[at..end].TrimEnd("\r\n \t"u8);
        if (text.IsEmpty)
        {
            return null;
        }

        if (!TimeText.TryParseNumber(text, _unit, out long parsed))
        {
            return "the timestamp is not a number of a time between 1684 and 2255";
        }

        timestampNs = parsed;
        at = end - 1;
        return null;
    }

    // True where something follows on the line.
    static bool SkipSpaces(ReadOnlySpan<byte> payload, ref int at)
    {
        while (at < payload.Length && payload[at] == ' ')
        {
            at++;
        }

        return at < payload.Length && payload[at] is not ((byte)'\n' or (byte)'\r');
    }

    static bool SkipText(ReadOnlySpan<byte> payload, ref int at)
    {
        at++;
        while (at < payload.Length)
        {
            int step = payload[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (step < 0)
            {
                return false;
            }

            at += step + 1;
            if (payload[at - 1] == '"')
            {
                return true;
            }

            at++;
        }

        return false;
    }

    static ReadOnlySpan<byte> Plain(ReadOnlySpan<byte> text, ByteBuffer scratch)
    {
        if (text.IndexOf((byte)'\\') < 0)
        {
            return text;
        }

        scratch.Clear();
        scratch.Advance(KeyText.Unescape(text, scratch.GetSpan(text.Length)));
        return scratch.Written;
    }
}

/// <summary>The values of line protocol's fields.</summary>
static class LineValue
{
    /// <summary>Reads <c>1</c>, <c>1.5e3</c>, <c>3i</c>, <c>3u</c>; finite only.</summary>
    public static bool TryNumber(ReadOnlySpan<byte> text, out double value)
    {
        if (text.Length > 1 && text[^1] is (byte)'i' or (byte)'u')
        {
            text = text[..^1];
            value = 0;
            return text.TrimStart((byte)'-').IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0 && NumberText.TryParse(text, out value);
        }

        return NumberText.TryParse(text, out value) && double.IsFinite(value);
    }

    /// <summary>True for line protocol's spellings of true and false.</summary>
    public static bool IsBoolean(ReadOnlySpan<byte> text) => text.Length switch
    {
        1 => text[0] is (byte)'t' or (byte)'T' or (byte)'f' or (byte)'F',
        4 => text.SequenceEqual("true"u8) || text.SequenceEqual("True"u8) || text.SequenceEqual("TRUE"u8),
        5 => text.SequenceEqual("false"u8) || text.SequenceEqual("False"u8) || text.SequenceEqual("FALSE"u8),
        _ => false,
    };

    /// <summary>True for the spellings of NaN and the infinities.</summary>
    public static bool IsNotFinite(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> bare = text.TrimStart("+-"u8);
        return bare.Length is 3 or 8 && (Is(bare, "nan"u8) || Is(bare, "inf"u8) || Is(bare, "infinity"u8));

        static bool Is(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word) => System.Text.Ascii.EqualsIgnoreCase(text, word);
    }
}
