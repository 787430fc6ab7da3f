using System.Text;
using System.Text.Json;

namespace StreamForecaster.Decoding;

/// <summary>JSON of any shape, read by the paths of a <see cref="FieldMapping"/>. What has no path is passed over.</summary>
public sealed class MappedJsonDecoder : JsonDecoder
{
    readonly MappingNode _root;
    readonly byte[] _name;
    readonly FieldList _fields = new();

    /// <summary>Takes the mapping of the options.</summary>
    /// <exception cref="FormatException">There is none, or it is not sound.</exception>
    public MappedJsonDecoder(DecodeOptions options)
        : base(options)
    {
        FieldMapping mapping = options.Mapping
            ?? throw new FormatException("decode.mapping is missing: format mapped-json needs the paths of its values");
        _root = MappingNode.Of(mapping);
        _name = mapping.Name.StartsWith("$.", StringComparison.Ordinal) ? [] : Encoding.UTF8.GetBytes(mapping.Name);
    }

    private protected override void DecodeObject(ref Utf8JsonReader reader, long recordTimestampNs, PointBatch points)
    {
        Begin();
        Series.SetName(_name);
        DecodeSet(ref reader, _root, recordTimestampNs, points);
    }

    // One object with its own values, then the objects of the array in it, which see its tags and time.
    void DecodeSet(ref Utf8JsonReader reader, MappingNode node, long timestampNs, PointBatch points)
    {
        int at = At(ref reader), skipped = points.SkippedCount;
        var walk = new Walk { TimestampNs = timestampNs, Points = points };
        _fields.Clear();
        ReadObject(ref reader, node, ref walk);
        Note(Series.Problem, at);
        bool nothing = _fields.IsEmpty && walk.ArrayNode is null && points.SkippedCount == skipped;
        Note(nothing ? "none of the configured values is there" : Series.Name.IsEmpty && !_fields.IsEmpty ? "no name" : null, at);
        if (!IsSound(points))
        {
            return;
        }

        _fields.AddTo(points, Series, at, walk.TimestampNs);
        if (walk.ArrayNode is not null)
        {
            DecodeSets(ref walk.Array, walk.ArrayNode, walk.TimestampNs, points);
        }
    }

    void DecodeSets(ref Utf8JsonReader array, MappingNode node, long timestampNs, PointBatch points)
    {
        SeriesKeyBuilder.KeyMark outside = Series.Mark;
        while (array.Read() && array.TokenType != JsonTokenType.EndArray)
        {
            if (array.TokenType == JsonTokenType.StartObject)
            {
                DecodeSet(ref array, node, timestampNs, points);
                Series.Return(outside);
            }
            else
            {
                points.AddError("an object was expected", At(ref array));
                array.Skip();
            }
        }
    }

    void ReadObject(ref Utf8JsonReader reader, MappingNode node, ref Walk walk)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            MappingNode? child = node.Find(reader.ValueIsEscaped ? JsonText.Of(ref reader, Scratch) : reader.ValueSpan);
            if (child is null)
            {
                Pass(ref reader);
                continue;
            }

            if (child.Role == MappingNode.Kind.Time)
            {
                ReadTime(ref reader, ref walk.TimestampNs);
                continue;
            }

            reader.Read();
            if (reader.TokenType == JsonTokenType.StartObject && child.HasChildren)
            {
                ReadObject(ref reader, child, ref walk);
            }
            else if (reader.TokenType == JsonTokenType.StartArray && child.HasChildren)
            {
                Note(walk.ArrayNode is null ? null : "paths meet two arrays in one object", At(ref reader));
                walk.Array = reader;
                walk.ArrayNode = child;
                reader.Skip();
            }
            else
            {
                ReadLeaf(ref reader, child, walk.Points);
            }
        }
    }

    void ReadLeaf(ref Utf8JsonReader reader, MappingNode leaf, PointBatch points)
    {
        int at = At(ref reader);
        JsonTokenType type = reader.TokenType;
        bool isText = TryText(ref reader, Scratch, out ReadOnlySpan<byte> text);
        switch (leaf.Role)
        {
            case MappingNode.Kind.Name when isText:
                Series.SetName(text);
                break;
            case MappingNode.Kind.Tag when isText:
                Series.AddTag(leaf.Target, text);
                break;
            case MappingNode.Kind.Value when type != JsonTokenType.Number:
                points.Skip();
                break;
            case MappingNode.Kind.Value when NumberText.TryParse(text, out double value) && double.IsFinite(value):
                _fields.TryAdd(leaf.Target, value, checkUtf8: false);
                break;
            case MappingNode.Kind.Value:
                points.AddError("a number outside the range of 64 bits", at);
                break;
            default:
                Note(type == JsonTokenType.Null ? null : "text was expected", at);
                break;
        }
    }

    // What the walk over one object finds besides tags and values.
    ref struct Walk
    {
        public long TimestampNs;
        public Utf8JsonReader Array;
        public MappingNode? ArrayNode;
        public PointBatch Points;
    }
}
