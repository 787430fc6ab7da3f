using System.ComponentModel.DataAnnotations;

namespace StreamForecaster.Decoding;

/// <summary>What the bytes of a record are.</summary>
public enum DecodeFormat
{
    /// <summary>Told apart by the first bytes.</summary>
    Auto,

    /// <summary>Telegraf's <c>data_format = "json"</c>.</summary>
    TelegrafJson,

    /// <summary>Influx line protocol.</summary>
    LineProtocol,

    /// <summary>prometheus-kafka-adapter's JSON.</summary>
    PrometheusJson,

    /// <summary>OTLP metrics as JSON.</summary>
    OtlpJson,

    /// <summary>OTLP metrics as protobuf.</summary>
    OtlpProto,

    /// <summary>Any JSON, with configured paths.</summary>
    MappedJson,
}

/// <summary>The unit of numeric timestamps.</summary>
public enum TimestampUnit
{
    /// <summary>Told by magnitude: every unit is recognised from 1980 to year 11000.</summary>
    Auto,

    /// <summary>Seconds.</summary>
    S,

    /// <summary>Milliseconds.</summary>
    Ms,

    /// <summary>Microseconds.</summary>
    Us,

    /// <summary>Nanoseconds.</summary>
    Ns,
}

/// <summary>How records become points.</summary>
public sealed record DecodeOptions : IValidatableObject
{
    /// <summary>The format of topics that <see cref="Topics"/> does not name.</summary>
    public DecodeFormat Format { get; init; } = DecodeFormat.Auto;

    /// <summary>The format by topic.</summary>
    public IReadOnlyDictionary<string, DecodeFormat> Topics { get; init; } = new Dictionary<string, DecodeFormat>(StringComparer.Ordinal);

    /// <summary>The unit of numeric timestamps; OTLP's are nanoseconds always.</summary>
    public TimestampUnit TimestampUnit { get; init; } = TimestampUnit.Auto;

    /// <summary>The paths of <see cref="DecodeFormat.MappedJson"/>; with <see cref="DecodeFormat.Auto"/>, JSON of no other known shape is
    /// read by them too. Null: there are none.</summary>
    public FieldMapping? Mapping { get; init; }

    /// <summary>Patterns of the series that are taken (<c>*</c> any run, <c>?</c> one character), matched with <c>name.field</c>, or with
    /// <c>name.field{tag=v,tag2=v2}</c> where the pattern has a brace. Empty: all.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>Patterns of the series that are left out, even if included.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>The deepest nesting of JSON and protobuf. OTLP needs 12.</summary>
    [Range(4, 256)]
    public int MaxDepth { get; init; } = 32;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Mapping is null && (Format == DecodeFormat.MappedJson || Topics.Values.Contains(DecodeFormat.MappedJson)))
        {
            yield return new("is missing: format mapped-json needs the paths of its values", [nameof(Mapping)]);
        }

        if (Mapping is not null && MappingNode.Unsound(Mapping) is string why)
        {
            yield return new(why, [nameof(Mapping)]);
        }
    }

    /// <summary>The format of a topic's records.</summary>
    public DecodeFormat FormatOf(string topic) => Topics.TryGetValue(topic, out DecodeFormat format) ? format : Format;
}

/// <summary>
/// Where field-mapped JSON keeps its parts. A path is property names joined by dots. Where a path meets an array of objects,
/// each of them is an own set of points that shares the tags and the time outside of it.
/// </summary>
public sealed record FieldMapping
{
    /// <summary>The series' name, as it is; or, where it begins with <c>$.</c>, the path of it.</summary>
    [Required(AllowEmptyStrings = false)]
    public string Name { get; init; } = "metric";

    /// <summary>The path of the time; null: the record's own time.</summary>
    public string? Time { get; init; }

    /// <summary>Tag name to path. Numbers and booleans are taken as text.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Field name to path; numbers only.</summary>
    public IReadOnlyDictionary<string, string> Values { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
