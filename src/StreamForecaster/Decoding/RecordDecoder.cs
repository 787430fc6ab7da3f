namespace StreamForecaster.Decoding;

/// <summary>
/// What a lane calls for each record: limits, gzip, Schema Registry's frame and Kafka Connect's envelope taken off, the topic's format,
/// the include and exclude patterns. A record that gives nothing at all is an error, so that each is accounted for.
/// </summary>
public sealed class RecordDecoder : IDecoder
{
    /// <summary>The largest record unless another limit is given: eight times Kafka's default <c>message.max.bytes</c>.</summary>
    public const int UsualRecordBytes = 8 * 1024 * 1024;

    const int FrameBytes = 5; // 0, then the schema's id in four bytes

    readonly DecodeOptions _options;
    readonly int _maxRecordBytes;
    readonly DecodeFormat _format;
    readonly IDecoder _decoder;
    readonly SeriesFilter _filter;
    readonly GzipInflater _gzip;

    /// <summary>Makes the decoder of one topic's format.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="format">The format.</param>
    /// <param name="maxRecordBytes">The largest record, before and after inflation.</param>
    /// <exception cref="FormatException">The format needs a mapping, and there is none or it is not sound.</exception>
    public RecordDecoder(DecodeOptions options, DecodeFormat format, int maxRecordBytes = UsualRecordBytes)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _maxRecordBytes = maxRecordBytes;
        _format = format;
        _filter = new(options.Include, options.Exclude);
        _gzip = new(maxRecordBytes);
        _decoder = format switch
        {
            DecodeFormat.TelegrafJson => new TelegrafJsonDecoder(options),
            DecodeFormat.LineProtocol => new LineProtocolDecoder(options),
            DecodeFormat.PrometheusJson => new PrometheusJsonDecoder(options),
            DecodeFormat.OtlpJson => new OtlpJsonDecoder(options),
            DecodeFormat.OtlpProto => new OtlpProtobufDecoder(),
            DecodeFormat.MappedJson => new MappedJsonDecoder(options),
            _ => new AutoDecoder(options),
        };
    }

    /// <inheritdoc/>
    public void Decode(ReadOnlySpan<byte> payload, long recordTimestampNs, PointBatch points)
    {
        ArgumentNullException.ThrowIfNull(points);
        int count = points.Count, errors = points.ErrorCount, skipped = points.SkippedCount;
        if (payload.Length > _maxRecordBytes)
        {
            points.AddError("the record is larger than maxRecordBytes", 0);
            return;
        }

        DecodeInflated(Inflate(payload, points), recordTimestampNs, points);
        if (points.Count == count && points.ErrorCount == errors && points.SkippedCount == skipped)
        {
            points.AddError("the record holds no points", 0);
        }

        if (!_filter.PassesAll)
        {
            points.Filter(_filter, count);
        }
    }

    ReadOnlySpan<byte> Inflate(ReadOnlySpan<byte> payload, PointBatch points)
    {
        if (!GzipInflater.IsGzip(payload))
        {
            return payload;
        }

        ReadOnlySpan<byte> inflated = _gzip.Inflate(payload, out string? problem);
        if (problem is not null)
        {
            points.AddError(problem, 0);
        }

        return inflated;
    }

    void DecodeInflated(ReadOnlySpan<byte> payload, long recordTimestampNs, PointBatch points)
    {
        int start = 0;
        if (payload.Length >= FrameBytes && payload[0] == 0)
        {
            start = FrameBytes;
            int first = payload[start..].IndexOfAnyExcept(" \t\r\n"u8);
            if (first < 0 || payload[start + first] is not ((byte)'{' or (byte)'['))
            {
                points.AddError("a Schema Registry frame whose body is not JSON: Avro and Protobuf bodies are not decoded", start);
                return;
            }
        }

        int end = payload.Length;
        if (_format is not (DecodeFormat.LineProtocol or DecodeFormat.OtlpProto)
            && JsonShape.TryUnwrap(payload[start..], _options.MaxDepth, out Range inner))
        {
            (end, start) = (start + inner.End.Value, start + inner.Start.Value);
        }

        int errors = points.ErrorCount;
        _decoder.Decode(payload[start..end], recordTimestampNs, points);
        points.ShiftErrors(errors, start);
    }
}
