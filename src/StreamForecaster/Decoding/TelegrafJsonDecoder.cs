using System.Text.Json;

namespace StreamForecaster.Decoding;

/// <summary>
/// Telegraf's <c>data_format = "json"</c>: <c>{"fields":{…},"name":"…","tags":{…},"timestamp":…}</c>, or a batch of them in
/// <c>{"metrics":[…]}</c>.
/// </summary>
public sealed class TelegrafJsonDecoder(DecodeOptions options) : JsonDecoder(options)
{
    readonly FieldList _fields = new();
    readonly ByteBuffer _keyScratch = new(256);
    string? _problem;
    int _problemAt;

    private protected override void DecodeObject(ref Utf8JsonReader reader, long recordTimestampNs, PointBatch points)
    {
        int at = At(ref reader);
        long timestampNs = recordTimestampNs;
        bool isMetric = false, isBatch = false;
        Series.Clear();
        _fields.Clear();
        _problem = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            ReadOnlySpan<byte> property = reader.ValueSpan;
            if (property.SequenceEqual("fields"u8))
            {
                isMetric = true;
                ReadFields(ref reader, points);
            }
            else if (property.SequenceEqual("tags"u8))
            {
                ReadTags(ref reader);
            }
            else if (property.SequenceEqual("name"u8))
            {
                reader.Read();
                ReadName(ref reader);
            }
            else if (property.SequenceEqual("timestamp"u8))
            {
                reader.Read();
                int timeAt = At(ref reader);
                Note(ReadTime(ref reader, ref timestampNs), timeAt);
            }
            else if (property.SequenceEqual("metrics"u8) && !isMetric)
            {
                isBatch = true;
                ReadBatch(ref reader, recordTimestampNs, points);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        if (isMetric || !isBatch)
        {
            Emit(points, at, timestampNs, isMetric);
        }
    }

    void Emit(PointBatch points, int at, long timestampNs, bool hasFields)
    {
        Note(Series.Problem, at);
        Note(!hasFields ? "a metric without fields" : Series.Name.IsEmpty ? "a metric without name" : null, at);
        if (_problem is null)
        {
            _fields.AddTo(points, Series, at, timestampNs);
        }
        else
        {
            points.AddError(_problem, _problemAt);
        }
    }

    void ReadBatch(ref Utf8JsonReader reader, long recordTimestampNs, PointBatch points)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            points.AddError("\"metrics\" is not an array", At(ref reader));
            reader.Skip();
            return;
        }

        DecodeArray(ref reader, recordTimestampNs, points);
        _problem = null;
    }

    void ReadName(ref Utf8JsonReader reader)
    {
        int at = At(ref reader);
        bool isText = reader.TokenType == JsonTokenType.String;
        if (isText)
        {
            Series.SetName(JsonText.Of(ref reader, Scratch));
        }
        else
        {
            reader.Skip();
            Note("\"name\" is not text", at);
        }
    }

    void ReadFields(ref Utf8JsonReader reader, PointBatch points)
    {
        if (!TryEnter(ref reader, "\"fields\" is not an object"))
        {
            return;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            int at = At(ref reader);
            ReadOnlySpan<byte> name = JsonText.Of(ref reader, Scratch);
            reader.Read();
            if (reader.TokenType != JsonTokenType.Number)
            {
                // Strings, booleans and null are lawful fields of a metric, not series.
                points.Skip();
                reader.Skip();
            }
            else if (!NumberText.TryParse(reader.ValueSpan, out double value) || !double.IsFinite(value))
            {
                points.AddError("a number outside the range of 64 bits", At(ref reader));
            }
            else if (!_fields.TryAdd(name, value, Series.CheckUtf8))
            {
                points.AddError("a field name that is empty, longer than 4096 bytes or not UTF-8", at);
            }
        }
    }

    void ReadTags(ref Utf8JsonReader reader)
    {
        if (!TryEnter(ref reader, "\"tags\" is not an object"))
        {
            return;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            ReadOnlySpan<byte> key = JsonText.Of(ref reader, _keyScratch);
            reader.Read();
            int at = At(ref reader);
            bool isNull = reader.TokenType == JsonTokenType.Null;
            if (TryText(ref reader, Scratch, out ReadOnlySpan<byte> value))
            {
                Series.AddTag(key, value);
            }
            else if (!isNull)
            {
                Note("a tag's value is not text", at);
            }
        }
    }

    bool TryEnter(ref Utf8JsonReader reader, string problem)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            return true;
        }

        if (reader.TokenType != JsonTokenType.Null)
        {
            Note(problem, At(ref reader));
        }

        reader.Skip();
        return false;
    }

    void Note(string? problem, int at)
    {
        if (_problem is null && problem is not null)
        {
            (_problem, _problemAt) = (problem, at);
        }
    }
}
