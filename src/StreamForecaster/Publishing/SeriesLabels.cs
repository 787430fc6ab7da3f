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

    readonly byte[] _beforeHorizon;
    readonly byte[] _afterHorizon;
    readonly byte[] _series;
    readonly byte[] _json;

    /// <summary>Makes the labels of a series.</summary>
    public SeriesLabels(SeriesIdentity identity)
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

        _beforeHorizon = before.Written.ToArray();
        _afterHorizon = after.Written.ToArray();
        _series = Encoding.UTF8.GetBytes(display);
        _json = Json(identity, display, tags);
        Display = display;
    }

    /// <summary>The value of the tag <c>series</c>: <c>name.field{tag=v}</c> on one line.</summary>
    public string Display { get; }

    /// <summary>The tags before <c>horizon</c> in order, each with a comma before it.</summary>
    internal ReadOnlySpan<byte> BeforeHorizon => _beforeHorizon;

    /// <summary>The tags after <c>horizon</c> in order, each with a comma before it.</summary>
    internal ReadOnlySpan<byte> AfterHorizon => _afterHorizon;

    /// <summary><see cref="Display"/> as UTF-8.</summary>
    internal ReadOnlySpan<byte> Series => _series;

    /// <summary>The opening of every JSON message: <c>{"series":…,"name":…,"field":…,"labels":{…}</c>.</summary>
    internal ReadOnlySpan<byte> JsonOpening => _json;

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
