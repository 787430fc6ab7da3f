using System.Text.Json;

namespace StreamForecaster.Decoding;

/// <summary>
/// prometheus-kafka-adapter's JSON: <c>{"timestamp":"…","value":"1.5","name":"up","labels":{"__name__":"up",…}}</c>. The value is text; the
/// field is called <c>value</c>. Prometheus' NaN and infinities are lawful, and no points.
/// </summary>
public sealed class PrometheusJsonDecoder(DecodeOptions options) : JsonDecoder(options)
{
    private protected override void DecodeObject(ref Utf8JsonReader reader, long recordTimestampNs, PointBatch points)
    {
        int at = At(ref reader);
        long timestampNs = recordTimestampNs;
        double? value = null;
        Begin();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            ReadOnlySpan<byte> property = reader.ValueSpan;
            if (property.SequenceEqual("timestamp"u8))
            {
                ReadTime(ref reader, ref timestampNs);
            }
            else if (property.SequenceEqual("value"u8))
            {
                value = ReadValue(ref reader);
            }
            else if (property.SequenceEqual("name"u8))
            {
                ReadName(ref reader);
            }
            else if (property.SequenceEqual("labels"u8))
            {
                ReadTags(ref reader, except: "__name__"u8);
            }
            else
            {
                Pass(ref reader);
            }
        }

        Note(Series.Problem ?? (Series.Name.IsEmpty ? "a sample without name" : value is null ? "a sample without value" : null), at);
        if (!IsSound(points))
        {
            return;
        }

        if (double.IsFinite(value!.Value))
        {
            points.Add(Series.Name, Series.Tags(), "value"u8, at, timestampNs, value.Value);
        }
        else
        {
            points.Skip();
        }
    }

    // NaN stands for every value that is lawful and no point.
    double? ReadValue(ref Utf8JsonReader reader)
    {
        reader.Read();
        int at = At(ref reader);
        bool isText = reader.TokenType is JsonTokenType.String or JsonTokenType.Number;
        if (TryText(ref reader, Scratch, out ReadOnlySpan<byte> text) && isText)
        {
            if (LineValue.IsNotFinite(text))
            {
                return double.NaN;
            }

            if (NumberText.TryParse(text, out double value) && double.IsFinite(value))
            {
                return value;
            }
        }

        Note("the value is not a number", at);
        return null;
    }
}
