namespace StreamForecaster.Decoding;

/// <summary>Tells the formats apart by the first bytes of each record, and decodes.</summary>
public sealed class AutoDecoder : IDecoder
{
    readonly int _maxDepth;
    readonly TelegrafJsonDecoder _telegraf;
    readonly LineProtocolDecoder _lines;
    readonly PrometheusJsonDecoder _prometheus;
    readonly OtlpJsonDecoder _otlpJson;
    readonly OtlpProtobufDecoder _otlpProto = new();
    readonly MappedJsonDecoder? _mapped;

    /// <summary>Makes a decoder of each format.</summary>
    /// <exception cref="FormatException">The mapping is not sound.</exception>
    public AutoDecoder(DecodeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _maxDepth = options.MaxDepth;
        _telegraf = new(options);
        _lines = new(options);
        _prometheus = new(options);
        _otlpJson = new(options);
        _mapped = options.Mapping is null ? null : new(options);
    }

    /// <inheritdoc/>
    public void Decode(ReadOnlySpan<byte> payload, long recordTimestampNs, PointBatch points)
    {
        ArgumentNullException.ThrowIfNull(points);
        if (DecoderOf(payload) is IDecoder decoder)
        {
            decoder.Decode(payload, recordTimestampNs, points);
        }
        else
        {
            points.AddError("JSON of no known shape (telegraf, prometheus, otlp; or configure decode.mapping)", 0);
        }
    }

    IDecoder? DecoderOf(ReadOnlySpan<byte> payload)
    {
        int first = payload.IndexOfAnyExcept(" \t\r\n"u8);
        if (first < 0 || payload[first] is not ((byte)'{' or (byte)'['))
        {
            // Field 1 of OTLP's protobuf begins with the byte that is also a line feed.
            return payload.Length > 1 && payload[0] == 0x0a && OtlpProtobufDecoder.Fits(payload) ? _otlpProto : _lines;
        }

        return JsonShape.Tell(payload, _maxDepth) switch
        {
            DecodeFormat.TelegrafJson => _telegraf,
            DecodeFormat.OtlpJson => _otlpJson,
            DecodeFormat.PrometheusJson => _prometheus,
            _ => _mapped,
        };
    }
}
