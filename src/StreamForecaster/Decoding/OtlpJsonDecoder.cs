using System.Text.Json;

namespace StreamForecaster.Decoding;

/// <summary>
/// OTLP metrics as JSON: resource and point attributes become tags, the field is <c>value</c>, or <c>count</c>, <c>sum</c>, <c>min</c>,
/// <c>max</c> for histograms and summaries. Unknown fields are passed over; 64-bit integers may be text.
/// </summary>
public sealed partial class OtlpJsonDecoder(DecodeOptions options) : JsonDecoder(options)
{
    PointBatch? _points;
    long _recordTimestampNs;

    private protected override void DecodeObject(ref Utf8JsonReader reader, long recordTimestampNs, PointBatch points)
    {
        _points = points;
        _recordTimestampNs = recordTimestampNs;
        Begin();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (reader.ValueSpan.SequenceEqual("resourceMetrics"u8))
            {
                ForEach(ref reader, Level.Resource);
            }
            else
            {
                Pass(ref reader);
            }
        }

        IsSound(points);
    }

    // What an array's elements are.
    enum Level
    {
        Resource,
        Scope,
        Metric,
        Point,
        Attribute,
    }

    void ForEach(ref Utf8JsonReader reader, Level level)
    {
        if (!TryEnter(ref reader, "an array was expected", JsonTokenType.StartArray))
        {
            Report(level);
            return;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                Note("an object was expected", At(ref reader));
                reader.Skip();
                Report(level);
                continue;
            }

            switch (level)
            {
                case Level.Resource:
                    ReadResource(ref reader);
                    break;
                case Level.Scope:
                    ReadScope(ref reader);
                    break;
                case Level.Metric:
                    ReadMetric(ref reader);
                    break;
                case Level.Point:
                    ReadPoint(ref reader);
                    break;
                default:
                    ReadAttribute(ref reader);
                    Report(level);
                    break;
            }
        }
    }

    // A bad attribute spoils all points that should have it: they would be points of another series.
    void Report(Level level)
    {
        if (level != Level.Attribute)
        {
            IsSound(_points!);
        }
        else if (TakeProblem() is string problem)
        {
            Series.Spoil(problem);
        }
    }

    // Senders write the resource first; where one does not, the metrics are read when it is known.
    void ReadResource(ref Utf8JsonReader reader)
    {
        Utf8JsonReader waiting = default;
        bool known = false, waits = false;
        Series.Return(default);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (reader.ValueSpan.SequenceEqual("resource"u8))
            {
                known = true;
                ReadAttributesOf(ref reader);
            }
            else if (reader.ValueSpan.SequenceEqual("scopeMetrics"u8))
            {
                if (known)
                {
                    ForEach(ref reader, Level.Scope);
                    continue;
                }

                waiting = reader;
                waits = true;
                Pass(ref reader);
            }
            else
            {
                Pass(ref reader);
            }
        }

        if (waits)
        {
            ForEach(ref waiting, Level.Scope);
        }
    }

    void ReadAttributesOf(ref Utf8JsonReader reader)
    {
        if (!TryEnter(ref reader, "the resource is not an object"))
        {
            IsSound(_points!);
            return;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (reader.ValueSpan.SequenceEqual("attributes"u8))
            {
                ForEach(ref reader, Level.Attribute);
            }
            else
            {
                Pass(ref reader);
            }
        }
    }

    void ReadScope(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (reader.ValueSpan.SequenceEqual("metrics"u8))
            {
                ForEach(ref reader, Level.Metric);
            }
            else
            {
                Pass(ref reader);
            }
        }
    }
}
