using System.Globalization;
using System.Text;
using StreamForecaster.Decoding;

namespace StreamForecaster.Tests.Decoding;

/// <summary>Decodes text and shows the points as lines <c>key value @ns</c>.</summary>
static class Decoded
{
    public const long RecordNs = 1_700_000_000_000_000_000;

    public static PointBatch Run(IDecoder decoder, ReadOnlySpan<byte> payload)
    {
        var points = new PointBatch();
        decoder.Decode(payload, RecordNs, points);
        return points;
    }

    public static PointBatch Run(DecodeFormat format, string payload, DecodeOptions? options = null) =>
        Run(new RecordDecoder(options ?? new(), format), Encoding.UTF8.GetBytes(payload));

    public static string[] Lines(this PointBatch points) =>
        [.. Enumerable.Range(0, points.Count).Select(i => string.Create(
            CultureInfo.InvariantCulture,
            $"{Encoding.UTF8.GetString(points.Key(i))} {points.Value(i)} @{points.TimestampNs(i)}"))];

    public static string[] Errors(this PointBatch points) =>
        [.. Enumerable.Range(0, points.ErrorCount).Select(i => $"{points.Error(i).At}: {points.Error(i).Reason}")];
}
