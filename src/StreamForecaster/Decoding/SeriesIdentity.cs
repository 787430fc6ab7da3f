using System.Buffers;
using System.Text;

namespace StreamForecaster.Decoding;

/// <summary>What a series key says, as text: made once per series.</summary>
public sealed class SeriesIdentity
{
    static readonly SearchValues<byte> NameEnd = SearchValues.Create(", \\"u8);
    static readonly SearchValues<byte> KeyEnd = SearchValues.Create("=\\"u8);

    SeriesIdentity(string name, IReadOnlyList<KeyValuePair<string, string>> tags, string field)
    {
        Name = name;
        Tags = tags;
        Field = field;
        Display = tags.Count == 0
            ? $"{name}.{field}"
            : $"{name}.{field}{{{string.Join(',', tags.Select(t => $"{t.Key}={t.Value}"))}}}";
    }

    /// <summary>The metric's name.</summary>
    public string Name { get; }

    /// <summary>The tags, in the key's order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Tags { get; }

    /// <summary>The field's name.</summary>
    public string Field { get; }

    /// <summary><c>name.field{tag=v,tag2=v2}</c>; without braces where there are no tags.</summary>
    public string Display { get; }

    /// <summary>A tag's value, or null.</summary>
    public string? Tag(string key)
    {
        foreach ((string name, string value) in Tags)
        {
            if (string.Equals(name, key, StringComparison.Ordinal))
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>Reads a series key.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static SeriesIdentity Parse(ReadOnlySpan<byte> key)
    {
        int at = KeyText.Find(key, 0, NameEnd);
        string name = Text(key[..at]);
        List<KeyValuePair<string, string>> tags = [];
        while (at < key.Length && key[at] == ',')
        {
            int equals = KeyText.Find(key, at + 1, KeyEnd);
            int end = KeyText.Find(key, Math.Min(equals + 1, key.Length), NameEnd);
            if (equals == key.Length)
            {
                break;
            }

            tags.Add(new(Text(key[(at + 1)..equals]), Text(key[(equals + 1)..end])));
            at = end;
        }

        if (name.Length == 0 || at + 1 >= key.Length || key[at] != ' ')
        {
            throw new FormatException($"'{Encoding.UTF8.GetString(key)}' is not a series key (name,tag=value field)");
        }

        return new(name, tags, Text(key[(at + 1)..]));
    }

    /// <summary>The canonical key of a name, tags in any order, and a field.</summary>
    public static byte[] Key(string name, IEnumerable<KeyValuePair<string, string>> tags, string field)
    {
        ArgumentNullException.ThrowIfNull(tags);
        var builder = new SeriesKeyBuilder();
        builder.SetName(Encoding.UTF8.GetBytes(name));
        foreach ((string key, string value) in tags)
        {
            builder.AddTag(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value));
        }

        var text = new ByteBuffer(256);
        KeyText.AppendPart(text, Encoding.UTF8.GetBytes(field));
        if (builder.Problem is not null || builder.Name.IsEmpty || text.Length == 0)
        {
            throw new FormatException(builder.Problem ?? "a series needs a name and a field");
        }

        return [.. builder.Name, .. builder.Tags(), (byte)' ', .. text.Written];
    }

    /// <inheritdoc/>
    public override string ToString() => Display;

    static string Text(ReadOnlySpan<byte> escaped)
    {
        byte[] plain = new byte[escaped.Length];
        return Encoding.UTF8.GetString(plain, 0, KeyText.Unescape(escaped, plain));
    }
}
