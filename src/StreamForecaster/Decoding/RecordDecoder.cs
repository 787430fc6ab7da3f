namespace StreamForecaster.Decoding;

/// <summary>
/// What a lane calls for each record: limits, the topic's format, the include and exclude patterns. A record that gives
/// nothing at all is an error, so that each is accounted for.
/// </summary>
public sealed class RecordDecoder : IDecoder
{
    readonly DecodeOptions _options;
    readonly IDecoder _decoder;
    readonly SeriesFilter _filter;

    /// <summary>Makes the decoder of one topic's format.</summary>
    public RecordDecoder(DecodeOptions options, DecodeFormat format)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _filter = new(options.Include, options.Exclude);
        _decoder = format switch
        {
            DecodeFormat.Auto => new AutoDecoder(options),
            DecodeFormat.TelegrafJson => new TelegrafJsonDecoder(options),
            DecodeFormat.LineProtocol => new LineProtocolDecoder(options),
            _ => throw new ArgumentOutOfRangeException(nameof(format), format, "no decoder of this format"),
        };
    }

    /// <inheritdoc/>
    public void Decode(ReadOnlySpan<byte> payload, long recordTimestampNs, PointBatch points)
    {
        ArgumentNullException.ThrowIfNull(points);
        int count = points.Count, errors = points.ErrorCount, skipped = points.SkippedCount;
        if (payload.Length > _options.MaxRecordBytes)
        {
            points.AddError("the record is larger than maxRecordBytes", 0);
            return;
        }

        _decoder.Decode(payload, recordTimestampNs, points);
        if (points.Count == count && points.ErrorCount == errors && points.SkippedCount == skipped)
        {
            points.AddError("the record holds no points", 0);
        }

        if (!_filter.PassesAll)
        {
            points.Filter(_filter, count);
        }
    }
}
