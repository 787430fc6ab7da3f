namespace StreamForecaster.Decoding;

/// <summary>Tells the formats apart by the first bytes of each record, and decodes.</summary>
public sealed class AutoDecoder : IDecoder
{
    readonly TelegrafJsonDecoder _telegraf;
    readonly LineProtocolDecoder _lines;

    /// <summary>Makes a decoder of each format.</summary>
    public AutoDecoder(DecodeOptions options)
    {
        _telegraf = new(options);
        _lines = new(options);
    }

    /// <inheritdoc/>
    public void Decode(ReadOnlySpan<byte> payload, long recordTimestampNs, PointBatch points)
    {
        int first = payload.IndexOfAnyExcept(" \t\r\n"u8);
        IDecoder decoder = first >= 0 && payload[first] is (byte)'{' or (byte)'[' ? _telegraf : _lines;
        decoder.Decode(payload, recordTimestampNs, points);
    }
}
