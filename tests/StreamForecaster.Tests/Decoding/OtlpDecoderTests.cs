using System.Text;
using StreamForecaster.Decoding;

namespace StreamForecaster.Tests.Decoding;

public sealed class OtlpDecoderTests
{
    static readonly string[] Expected =
    [
        "my.counter,k=v,service.name=my.service value 5 @1544712660300000000",
        "my.gauge,service.name=my.service value 10 @1544712660300000000",
    ];

    [Theory]
    [InlineData(DecodeFormat.OtlpJson)]
    [InlineData(DecodeFormat.Auto)]
    public void Json_OfTheDocumentation_GivesItsPoints(DecodeFormat format) =>
        Assert.Equal(Expected, Decoded.Run(format, OtlpPayloads.Json).Lines());

    [Theory]
    [InlineData(DecodeFormat.OtlpProto)]
    [InlineData(DecodeFormat.Auto)]
    public void Protobuf_OfTheSameMetrics_GivesTheSamePoints(DecodeFormat format)
    {
        PointBatch points = Decoded.Run(new RecordDecoder(new(), format), OtlpPayloads.Proto());
        Assert.Equal(Expected, points.Lines());
        Assert.Equal(0, points.ErrorCount);
    }

    [Fact]
    public void Json_InAnotherOrder_GivesTheSamePoints() => Assert.Equal(
        Expected[1..],
        Json("""
            {"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[{"timeUnixNano":1544712660300000000,"asInt":10}]},"new":[{}],"name":"my.gauge"}]}],
            "schemaUrl":"","resource":{"attributes":[{"value":{"stringValue":"my.service"},"key":"service.name"}]}}],"unknown":{"a":[1,{}]}}
            """).Lines());

    [Fact]
    public void Json_HistogramsAndSummaries_GiveTheirParts() => Assert.Equal(
        ["h count 3 @1", "h sum 4.5 @1", "h min 1 @1", "h max 2 @1", "e count 3 @1", "s count 2 @1", "s sum 7 @1"],
        Json("""
            {"resourceMetrics":[{"scopeMetrics":[{"metrics":[
            {"name":"h","histogram":{"dataPoints":[{"timeUnixNano":"1","count":"3","sum":4.5,"min":1,"max":2,"bucketCounts":["1","2"],"explicitBounds":[1]}],"aggregationTemporality":2}},
            {"name":"e","exponentialHistogram":{"dataPoints":[{"timeUnixNano":"1","count":3,"positive":{"offset":0,"bucketCounts":["1"]}}]}},
            {"name":"s","summary":{"dataPoints":[{"timeUnixNano":"1","count":"2","sum":7,"quantileValues":[{"quantile":0.5,"value":3}]}]}}]}]}]}
            """).Lines());

    [Fact]
    public void Protobuf_HistogramsAndSummaries_GiveTheirParts()
    {
        byte[] common = [.. OtlpPayloads.Fixed(3, 1UL), .. OtlpPayloads.Fixed(4, 3UL), .. OtlpPayloads.Fixed(5, 4.5)];
        byte[] histogram = [.. common, .. OtlpPayloads.Message(9, OtlpPayloads.Attribute("k", "v")), .. OtlpPayloads.Fixed(11, 1.0), .. OtlpPayloads.Fixed(12, 2.0)];
        byte[] exponential = [.. common, .. OtlpPayloads.Message(1, OtlpPayloads.Attribute("k", "v")), .. OtlpPayloads.Fixed(12, 1.0), .. OtlpPayloads.Fixed(13, 2.0)];
        byte[] summary = [.. common, .. OtlpPayloads.Message(7, OtlpPayloads.Attribute("k", "v"))];
        string[] all = ["count 3", "sum 4.5", "min 1", "max 2"];
        Assert.Equal(all.Select(p => $"m,k=v,service.name=my.service {p} @1"), Proto(9, histogram).Lines());
        Assert.Equal(all.Select(p => $"m,k=v,service.name=my.service {p} @1"), Proto(10, exponential).Lines());
        Assert.Equal(all[..2].Select(p => $"m,k=v,service.name=my.service {p} @1"), Proto(11, summary).Lines());
    }

    [Fact]
    public void Point_WithoutRecordedValue_IsSkipped()
    {
        PointBatch json = Json(Gauge("""{"flags":1,"timeUnixNano":"1"},{"asDouble":"NaN","timeUnixNano":"1"},{"asDouble":1,"timeUnixNano":"1"}"""));
        Assert.Equal((1, 0, 2), (json.Count, json.ErrorCount, json.SkippedCount));
        PointBatch proto = Proto(5, OtlpPayloads.Varint(8, 1));
        Assert.Equal((0, 0, 1), (proto.Count, proto.ErrorCount, proto.SkippedCount));
    }

    [Fact]
    public void Attributes_OfEveryKind_AreTagsWhereTheyAreText() => Assert.Equal(
        ["g,b=true,d=1.5,i=7,s=x value 1 @1"],
        Json(Gauge("""
            {"asDouble":1,"timeUnixNano":"1","attributes":[{"key":"s","value":{"stringValue":"x"}},{"key":"i","value":{"intValue":"7"}},
            {"key":"d","value":{"doubleValue":1.5}},{"key":"b","value":{"boolValue":true}},{"key":"y","value":{"bytesValue":"AA=="}},
            {"key":"a","value":{"arrayValue":{"values":[{"stringValue":"z"}]}}},{"key":"e","value":{}}]}
            """)).Lines());

    [Theory]
    [InlineData("""{"asDouble":"high","timeUnixNano":"1"}""")]
    [InlineData("""{"timeUnixNano":"1"}""")]
    [InlineData("""{"asDouble":1,"timeUnixNano":"18446744073709551615"}""")]
    [InlineData("""{"asDouble":1,"timeUnixNano":"-1"}""")]
    [InlineData("""{"asDouble":1,"attributes":7}""")]
    [InlineData("7")]
    public void Point_ThatIsBad_IsAnErrorAndItsNeighboursPass(string point)
    {
        PointBatch points = Json(Gauge($$"""{"asInt":1},{{point}},{"asInt":2}"""));
        Assert.Equal([$"g value 1 @{Decoded.RecordNs}", $"g value 2 @{Decoded.RecordNs}"], points.Lines());
        Assert.Single(points.Errors());
    }

    [Fact]
    public void Protobuf_CutOff_GivesAnErrorAndWhatCameBefore()
    {
        byte[] whole = [.. OtlpPayloads.Proto(), .. OtlpPayloads.Proto()];
        PointBatch points = Decoded.Run(new RecordDecoder(new(), DecodeFormat.OtlpProto), whole.AsSpan(0, whole.Length - 3));
        Assert.Equal(Expected, points.Lines().Take(2));
        Assert.Equal(1, points.ErrorCount);
    }

    [Theory]
    [InlineData(DecodeFormat.OtlpJson)]
    [InlineData(DecodeFormat.OtlpProto)]
    public void Decode_OfWarmDecoder_AllocatesNothing(DecodeFormat format)
    {
        byte[] payload = format == DecodeFormat.OtlpJson ? Encoding.UTF8.GetBytes(OtlpPayloads.Json) : OtlpPayloads.Proto();
        var decoder = new RecordDecoder(new(), format);
        var points = new PointBatch();
        decoder.Decode(payload, 0, points);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
        {
            points.Clear();
            decoder.Decode(payload, 0, points);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(2, points.Count);
    }

    static string Gauge(string points) =>
        $$$"""{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"g","gauge":{"dataPoints":[{{{points}}}]}}]}]}]}""";

    static PointBatch Json(string payload) => Decoded.Run(DecodeFormat.OtlpJson, payload);

    static PointBatch Proto(int kind, byte[] point)
    {
        byte[] metric = [.. OtlpPayloads.Bytes(1, "m"), .. OtlpPayloads.Message(kind, OtlpPayloads.Message(1, point))];
        return Decoded.Run(new RecordDecoder(new(), DecodeFormat.OtlpProto), OtlpPayloads.Resource(OtlpPayloads.Message(2, metric)));
    }
}
