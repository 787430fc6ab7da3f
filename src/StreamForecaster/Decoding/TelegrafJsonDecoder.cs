using System.Text.Json;

namespace StreamForecaster.Decoding;

/// <summary>
/// Telegraf's <c>data_format = "json"</c>: <c>{"fields":{…},"name":"…","tags":{…},"timestamp":…}</c>, or a batch of them in
/// <c>{"metrics":[…]}</c>.
/// </summary>
public sealed class TelegrafJsonDecoder(DecodeOptions options) : JsonDecoder(options)
{
    readonly FieldList _fields = new();

    private protected override void DecodeObject(ref Utf8JsonReader reader, long recordTimestampNs, PointBatch points)
    {
        int at = At(ref reader);
        long timestampNs = recordTimestampNs;
        bool isMetric = false, isBatch = false;
        Begin();
        _fields.Clear();
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
                ReadName(ref reader);
            }
            else if (property.SequenceEqual("timestamp"u8))
            {
                ReadTime(ref reader, ref timestampNs);
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
        Note(Series.Problem ?? (!hasFields ? "a metric without fields" : Series.Name.IsEmpty ? "a metric without name" : null), at);
        if (IsSound(points))
        {
            _fields.AddTo(points, Series, at, timestampNs);
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
        Begin();
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
}
