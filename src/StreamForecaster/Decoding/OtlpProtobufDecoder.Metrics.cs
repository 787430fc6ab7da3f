using System.Buffers.Text;
using System.Globalization;

namespace StreamForecaster.Decoding;

/// <content>Metrics, data points and attributes.</content>
public sealed partial class OtlpProtobufDecoder
{
    // gauge 5, sum 7, summary 11 have one layout; histogram 9; exponential_histogram 10.
    static readonly PointFields Numbers = new(Attributes: 7, Flags: 8, Min: 0, Max: 0);
    static readonly PointFields Histogram = new(Attributes: 9, Flags: 10, Min: 11, Max: 12);
    static readonly PointFields ExponentialHistogram = new(Attributes: 1, Flags: 10, Min: 12, Max: 13);

    readonly byte[] _number = new byte[32];

    void ReadMetric(ProtobufReader message)
    {
        ProtobufReader again = message;
        _series.SetName([]);
        while (message.Next())
        {
            if (message.Field == 1)
            {
                _series.SetName(message.Bytes());
            }
            else
            {
                message.Skip();
            }
        }

        while (again.Next())
        {
            if (again.Field is 5 or 7 or 9 or 10 or 11)
            {
                int kind = again.Field;
                ReadData(again.Message(), kind);
            }
            else
            {
                again.Skip();
            }
        }

        Check(in again);
    }

    void ReadData(ProtobufReader message, int kind)
    {
        while (message.Next())
        {
            if (message.Field == 1)
            {
                ReadPoint(message.Message(), kind);
            }
            else
            {
                message.Skip();
            }
        }

        Check(in message);
    }

    void ReadPoint(ProtobufReader message, int kind)
    {
        int at = message.At;
        bool isNumber = kind is 5 or 7;
        PointFields fields = kind switch { 9 => Histogram, 10 => ExponentialHistogram, _ => Numbers };
        SeriesKeyBuilder.KeyMark resource = _series.Mark;
        var point = new OtlpPoint();
        while (message.Next())
        {
            int field = message.Field;
            if (field == fields.Attributes)
            {
                ReadAttribute(message.Message());
            }
            else if (field == fields.Flags)
            {
                point.Flags = (uint)message.Number();
            }
            else if (field == 3)
            {
                point.TimeNs = message.Fixed64();
            }
            else if (field is 4 or 5 or 6 || (field > 8 && (field == fields.Min || field == fields.Max)))
            {
                ReadPart(ref message, ref point, isNumber, field == fields.Min ? OtlpPart.Min : OtlpPart.Max);
            }
            else
            {
                message.Skip();
            }
        }

        if (message.Failed)
        {
            Check(in message);
        }
        else
        {
            point.AddTo(_points!, _series, at, _recordTimestampNs);
        }

        _series.Return(resource);
    }

    // Numbers: as_double 4, as_int 6 (sfixed64). Histograms and summaries: count 4 (fixed64), sum 5 (double).
    static void ReadPart(ref ProtobufReader message, ref OtlpPoint point, bool isNumber, OtlpPart extreme)
    {
        switch (message.Field)
        {
            case 4 when isNumber:
                point.Set(OtlpPart.Value, message.Double());
                break;
            case 6 when isNumber:
                point.Set(OtlpPart.Value, (long)message.Fixed64());
                break;
            case 4:
                point.Set(OtlpPart.Count, message.Fixed64());
                break;
            case 5 when !isNumber:
                point.Set(OtlpPart.Sum, message.Double());
                break;
            case > 8:
                point.Set(extreme, message.Double());
                break;
            default:
                message.Skip();
                break;
        }
    }

    // KeyValue: key 1, value 2; AnyValue: string 1, bool 2, int 3, double 4. Arrays, maps and bytes are no tags.
    void ReadAttribute(ProtobufReader message)
    {
        ReadOnlySpan<byte> key = default, value = default;
        while (message.Next())
        {
            if (message.Field == 1)
            {
                key = message.Bytes();
            }
            else if (message.Field == 2)
            {
                ProtobufReader any = message.Message();
                value = any.Next() ? TextOf(ref any) : default;
                SpoilIfFailed(in any);
            }
            else
            {
                message.Skip();
            }
        }

        SpoilIfFailed(in message);
        _series.AddTag(key, value);
    }

    ReadOnlySpan<byte> TextOf(scoped ref ProtobufReader any)
    {
        int length = 0;
        switch (any.Field)
        {
            case 1:
                return any.Bytes();
            case 2:
                return any.Number() != 0 ? "true"u8 : "false"u8;
            case 3:
                Utf8Formatter.TryFormat((long)any.Number(), _number, out length);
                break;
            case 4:
                any.Double().TryFormat(_number, out length, default, CultureInfo.InvariantCulture);
                break;
            default:
                any.Skip();
                break;
        }

        return _number.AsSpan(0, length);
    }

    // The field numbers in which the kinds of data points differ; 0: the kind has none.
    readonly record struct PointFields(int Attributes, int Flags, int Min, int Max);
}
