using System.Buffers.Text;
using System.Text.Json;

namespace StreamForecaster.Decoding;

/// <content>Metrics, data points and attributes.</content>
public sealed partial class OtlpJsonDecoder
{
    readonly ByteBuffer _attributeKey = new(256);
    readonly ByteBuffer _attributeValue = new(256);

    // The name comes before the data; where it does not, the data are read when it is known.
    void ReadMetric(ref Utf8JsonReader reader)
    {
        Utf8JsonReader waiting = default;
        bool waits = false, known = false;
        Series.SetName([]);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (reader.ValueSpan.SequenceEqual("name"u8))
            {
                known = true;
                ReadName(ref reader);
                IsSound(_points!);
            }
            else if (!IsData(ref reader))
            {
                Pass(ref reader);
            }
            else if (known)
            {
                ReadData(ref reader);
            }
            else
            {
                waiting = reader;
                waits = true;
                Pass(ref reader);
            }
        }

        if (waits)
        {
            ReadData(ref waiting);
        }
    }

    static bool IsData(ref Utf8JsonReader reader) =>
        reader.ValueSpan.SequenceEqual("gauge"u8) || reader.ValueSpan.SequenceEqual("sum"u8) || reader.ValueSpan.SequenceEqual("histogram"u8)
        || reader.ValueSpan.SequenceEqual("exponentialHistogram"u8) || reader.ValueSpan.SequenceEqual("summary"u8);

    void ReadData(ref Utf8JsonReader reader)
    {
        if (!TryEnter(ref reader, "a metric's data are not an object"))
        {
            IsSound(_points!);
            return;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (reader.ValueSpan.SequenceEqual("dataPoints"u8))
            {
                ForEach(ref reader, Level.Point);
            }
            else
            {
                Pass(ref reader);
            }
        }
    }

    void ReadPoint(ref Utf8JsonReader reader)
    {
        int at = At(ref reader);
        SeriesKeyBuilder.KeyMark resource = Series.Mark;
        var point = new OtlpPoint();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (reader.ValueSpan.SequenceEqual("attributes"u8))
            {
                ForEach(ref reader, Level.Attribute);
            }
            else if (reader.ValueSpan.SequenceEqual("timeUnixNano"u8))
            {
                point.TimeNs = ReadWhole(ref reader);
            }
            else if (reader.ValueSpan.SequenceEqual("flags"u8))
            {
                point.Flags = (uint)ReadWhole(ref reader);
            }
            else if (PartOf(ref reader) is OtlpPart part)
            {
                ReadPart(ref reader, part, ref point);
            }
            else
            {
                Pass(ref reader);
            }
        }

        if (IsSound(_points!))
        {
            point.AddTo(_points!, Series, at, _recordTimestampNs);
        }

        Series.Return(resource);
    }

    static OtlpPart? PartOf(ref Utf8JsonReader reader)
    {
        ReadOnlySpan<byte> name = reader.ValueSpan;
        return name.SequenceEqual("asDouble"u8) || name.SequenceEqual("asInt"u8) ? OtlpPart.Value
            : name.SequenceEqual("count"u8) ? OtlpPart.Count
            : name.SequenceEqual("sum"u8) ? OtlpPart.Sum
            : name.SequenceEqual("min"u8) ? OtlpPart.Min
            : name.SequenceEqual("max"u8) ? OtlpPart.Max
            : null;
    }

    void ReadPart(ref Utf8JsonReader reader, OtlpPart part, ref OtlpPoint point)
    {
        reader.Read();
        int at = At(ref reader);
        bool isNumber = reader.TokenType is JsonTokenType.Number or JsonTokenType.String;
        bool isNull = reader.TokenType == JsonTokenType.Null;
        if (TryText(ref reader, Scratch, out ReadOnlySpan<byte> text) && isNumber && NumberText.TryParse(text, out double value))
        {
            point.Set(part, value);
            return;
        }

        Note(isNull ? null : "the value is not a number", at);
    }

    ulong ReadWhole(ref Utf8JsonReader reader)
    {
        reader.Read();
        int at = At(ref reader);
        bool isNull = reader.TokenType == JsonTokenType.Null;
        if (TryText(ref reader, Scratch, out ReadOnlySpan<byte> text)
            && Utf8Parser.TryParse(text, out ulong value, out int used) && used == text.Length)
        {
            return value;
        }

        Note(isNull ? null : "a whole number was expected", at);
        return 0;
    }

    // {"key":"k","value":{"stringValue":"v"}}; arrays, maps and bytes are no tags.
    void ReadAttribute(ref Utf8JsonReader reader)
    {
        ReadOnlySpan<byte> key = default, value = default;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (reader.ValueSpan.SequenceEqual("key"u8))
            {
                reader.Read();
                TryText(ref reader, _attributeKey, out key);
            }
            else if (reader.ValueSpan.SequenceEqual("value"u8) && TryEnter(ref reader, "an attribute's value is not an object"))
            {
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    bool isBytes = reader.ValueSpan.SequenceEqual("bytesValue"u8);
                    reader.Read();
                    if (TryText(ref reader, _attributeValue, out ReadOnlySpan<byte> text) && !isBytes)
                    {
                        value = text;
                    }
                }
            }
            else if (reader.TokenType == JsonTokenType.PropertyName)
            {
                Pass(ref reader);
            }
        }

        Series.AddTag(key, value);
    }
}
