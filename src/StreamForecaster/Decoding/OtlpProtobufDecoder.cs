using System.Text.Unicode;

namespace StreamForecaster.Decoding;

/// <summary>
/// OTLP metrics as protobuf (opentelemetry/proto/metrics/v1): the same points as <see cref="OtlpJsonDecoder"/>. Field numbers of
/// data points differ between kinds; those of unknown fields are passed over.
/// </summary>
public sealed partial class OtlpProtobufDecoder : IDecoder
{
    readonly SeriesKeyBuilder _series = new();
    PointBatch? _points;
    long _recordTimestampNs;

    /// <inheritdoc/>
    public void Decode(ReadOnlySpan<byte> payload, long recordTimestampNs, PointBatch points)
    {
        ArgumentNullException.ThrowIfNull(points);
        _points = points;
        _recordTimestampNs = recordTimestampNs;
        _series.CheckUtf8 = !Utf8.IsValid(payload); // binary payloads seldom are, and then each text is checked
        _series.Clear();
        var data = new ProtobufReader(payload, 0);
        while (data.Next())
        {
            if (data.Field == 1)
            {
                ReadResource(data.Message());
            }
            else
            {
                data.Skip();
            }
        }

        Check(in data);
    }

    /// <summary>True where the bytes look like OTLP: a first field 1 with a message whose first field is one of ResourceMetrics'.</summary>
    internal static bool Fits(ReadOnlySpan<byte> payload)
    {
        var data = new ProtobufReader(payload, 0);
        if (!data.Next() || data.Field != 1)
        {
            return false;
        }

        ProtobufReader resource = data.Message();
        return !data.Failed && resource.Next() && resource.Field is >= 1 and <= 3 && resource.Message() is { Failed: false } && !resource.Failed;
    }

    void Check(in ProtobufReader reader)
    {
        if (reader.Failed)
        {
            _points!.AddError("the protobuf is cut off or malformed", reader.At);
        }
    }

    // Two passes: the resource's attributes may come after its metrics.
    void ReadResource(ProtobufReader message)
    {
        ProtobufReader again = message;
        _series.Return(default);
        while (message.Next())
        {
            if (message.Field == 1)
            {
                ReadResourceAttributes(message.Message());
            }
            else
            {
                message.Skip();
            }
        }

        while (again.Next())
        {
            if (again.Field == 2)
            {
                ReadScope(again.Message());
            }
            else
            {
                again.Skip();
            }
        }

        Check(in again);
    }

    void ReadScope(ProtobufReader message)
    {
        while (message.Next())
        {
            if (message.Field == 2)
            {
                ReadMetric(message.Message());
            }
            else
            {
                message.Skip();
            }
        }

        Check(in message);
    }

    // A bad attribute spoils all points that should have it: they would be points of another series.
    void SpoilIfFailed(in ProtobufReader reader)
    {
        if (reader.Failed)
        {
            _series.Spoil("the protobuf of an attribute is cut off or malformed");
        }
    }

    void ReadResourceAttributes(ProtobufReader resource)
    {
        while (resource.Next())
        {
            if (resource.Field == 1)
            {
                ReadAttribute(resource.Message());
            }
            else
            {
                resource.Skip();
            }
        }

        SpoilIfFailed(in resource);
    }
}
