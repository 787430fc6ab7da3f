using System.Text;
using System.Text.Json;
using StreamForecaster.Decoding;

namespace StreamForecaster.Publishing;

/// <summary>
/// The bytes of a series that every result line and message of it repeats, made once. Tags are the series' own and
/// <c>series</c>, sorted; own tags whose names InfluxDB or the results use already are called <c>tag_NAME</c>.
/// </summary>
public sealed class SeriesLabels
{
    // A name can be only a tag or only a field in one measurement (InfluxDB 3), and time is nobody's.
    static readonly HashSet<string> Taken = new(StringComparer.Ordinal)
    {
        "series", "horizon", "time", "y", "yhat", "yhat_lower", "yhat_upper", "model", "version", "expert", "anomaly_score",
        "p_value", "is_anomaly", "end_time", "peak", "severity", "text", "tags",
    };

    // One array, as there are as many as series: the tags before the horizon, those after it, the name, the opening
    // of messages.
    readonly byte[] _bytes;
    readonly int _after;
    readonly int _name;
    readonly int _json;

    /// <summary>Makes the labels of a series; what only <see cref="ResultMessages"/> need can be left out.</summary>
    public SeriesLabels(SeriesIdentity identity, bool messages = true)
    {
        ArgumentNullException.ThrowIfNull(identity);
        SortedDictionary<string, string> tags = Rename(identity.Tags);
        string display = OneLine(identity.Display);
        var before = new ByteBuffer(256);
        var after = new ByteBuffer(256);
        foreach ((string key, string value) in tags.Append(new("series", display)).OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            ByteBuffer to = string.CompareOrdinal(key, "horizon") < 0 ? before : after;
            to.Append((byte)',');
            KeyText.AppendPart(to, Encoding.UTF8.GetBytes(key));
            to.Append((byte)'=');
            KeyText.AppendPart(to, Encoding.UTF8.GetBytes(value));
        }

        _after = before.Length;
        _name = _after + after.Length;
        byte[] name = Encoding.UTF8.GetBytes(display);
        _json = _name + name.Length;
        _bytes = [.. before.Written, .. after.Written, .. name, .. messages ? Json(identity, display, tags) : []];
    }

    /// <summary>The value of the tag <c>series</c>: <c>name.field{tag=v}</c> on one line; made at each call.</summary>
    public string Display => Encoding.UTF8.GetString(Series);

    /// <summary><see cref="Display"/> as UTF-8.</summary>
    public ReadOnlyMemory<byte> Name => _bytes.AsMemory(_name.._json);

    /// <inheritdoc cref="Name"/>
    public ReadOnlySpan<byte> Series => Name.Span;

    /// <summary>The tags before <c>horizon</c> in order, each with a comma before it.</summary>
    internal ReadOnlySpan<byte> BeforeHorizon => _bytes.AsSpan(0, _after);

    /// <summary>The tags after <c>horizon</c> in order, each with a comma before it.</summary>
    internal ReadOnlySpan<byte> AfterHorizon => _bytes.AsSpan(_after.._name);

    /// <summary>The opening of every JSON message; empty where it was left out: <c>{"series":…,"name":…,"field":…,"labels":{…}</c>.</summary>
    internal ReadOnlySpan<byte> JsonOpening => _bytes.AsSpan(_json);

    static SortedDictionary<string, string> Rename(IReadOnlyList<KeyValuePair<string, string>> tags)
    {
        var names = new HashSet<string>(tags.Select(t => t.Key), StringComparer.Ordinal);
        var renamed = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((string key, string value) in tags)
        {
            string name = key;
            while (name.StartsWith('_') || Taken.Contains(name) || (name.Length > key.Length && names.Contains(name)))
            {
                name = "tag_" + name;
            }

            renamed[name] = value;
        }

        return renamed;
    }

    // Tab and line feed part the messages of a batch, and no line of line protocol can hold one.
    static string OneLine(string text) => string.Create(text.Length, text, static (to, from) =>
    {
        for (int i = 0; i < to.Length; i++)
        {
            to[i] = char.IsControl(from[i]) ? '_' : from[i];
        }
    });

    static byte[] Json(SeriesIdentity identity, string display, SortedDictionary<string, string> tags)
    {
        var text = new ByteBuffer(512);
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            json.WriteString("series", display);
            json.WriteString("name", identity.Name);
            json.WriteString("field", identity.Field);
            json.WriteStartObject("labels");
            foreach ((string key, string value) in tags)
            {
                json.WriteString(key, value);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return text.Written[..^1].ToArray();
    }
}
