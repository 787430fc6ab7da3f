using System.Text;
using StreamForecaster.Decoding;

namespace StreamForecaster.Tests.Decoding;

public sealed class TelegrafJsonDecoderTests
{
    const string Docker =
        """{"fields":{"field_1":30,"field_2":4,"n_images":660},"name":"docker","tags":{"host":"raynor"},"timestamp":1458229140}""";

    [Fact]
    public void Metric_OfTheDocumentation_GivesAPointPerField() => Assert.Equal(
        [
            "docker,host=raynor field_1 30 @1458229140000000000",
            "docker,host=raynor field_2 4 @1458229140000000000",
            "docker,host=raynor n_images 660 @1458229140000000000",
        ],
        Run(Docker).Lines());

    [Fact]
    public void Batch_GivesThePointsOfAllItsMetrics()
    {
        PointBatch points = Run($$"""{"metrics":[{{Docker}},{{Docker.Replace("raynor", "kerrigan", StringComparison.Ordinal)}}]}""");
        Assert.Equal(6, points.Count);
        Assert.Equal("docker,host=kerrigan field_1 30 @1458229140000000000", points.Lines()[3]);
        Assert.Equal(0, points.ErrorCount);
    }

    [Theory]
    [InlineData("1458229140")]
    [InlineData("1458229140000")]
    [InlineData("1458229140000000")]
    [InlineData("1458229140000000000")]
    [InlineData("1458229140.0")]
    [InlineData("1.45822914e9")]
    [InlineData("\"2016-03-17T15:39:00Z\"")]
    [InlineData("\"2016-03-17T16:39:00.000+01:00\"")]
    [InlineData("\"1458229140\"")]
    public void Timestamp_OfEveryUnit_IsToldByMagnitude(string timestamp) =>
        Assert.Equal(["m f 1 @1458229140000000000"], Run($$"""{"name":"m","fields":{"f":1},"timestamp":{{timestamp}}}""").Lines());

    [Theory]
    [InlineData(TimestampUnit.S, "100", 100_000_000_000)]
    [InlineData(TimestampUnit.Ms, "100", 100_000_000)]
    [InlineData(TimestampUnit.Us, "100", 100_000)]
    [InlineData(TimestampUnit.Ns, "100", 100)]
    [InlineData(TimestampUnit.S, "-1.5", -1_500_000_000)]
    public void Timestamp_WithConfiguredUnit_IsTakenSo(TimestampUnit unit, string timestamp, long expectedNs)
    {
        string payload = $$"""{"name":"m","fields":{"f":1},"timestamp":{{timestamp}}}""";
        PointBatch points = Decoded.Run(DecodeFormat.TelegrafJson, payload, new() { TimestampUnit = unit });
        Assert.Equal(expectedNs, points.TimestampNs(0));
    }

    [Theory]
    [InlineData("253402300799")]
    [InlineData("\"9999-12-31T23:59:59Z\"")]
    [InlineData("\"0001-01-01T00:00:00Z\"")]
    [InlineData("-62135596800")]
    [InlineData("1e400")]
    [InlineData("99999999999999999999999")]
    [InlineData("true")]
    [InlineData("\"yesterday\"")]
    [InlineData("\"2016-13-17T15:39:00Z\"")]
    [InlineData("{}")]
    public void Timestamp_OutOfRangeOrNone_IsAnErrorAndNoPoint(string timestamp)
    {
        PointBatch points = Run($$"""{"name":"m","fields":{"f":1},"timestamp":{{timestamp}}}""");
        Assert.Equal(0, points.Count);
        Assert.Equal(["41: the timestamp is not a time between 1684 and 2255"], points.Errors());
    }

    [Theory]
    [InlineData("""{"name":"m","fields":{"f":1}}""")]
    [InlineData("""{"name":"m","fields":{"f":1},"timestamp":null}""")]
    public void Timestamp_Absent_IsTheRecords(string payload) =>
        Assert.Equal([$"m f 1 @{Decoded.RecordNs}"], Run(payload).Lines());

    [Fact]
    public void Field_ThatIsNoNumber_IsSkippedWithoutError()
    {
        PointBatch points = Run("""{"name":"m","fields":{"a":"text","b":true,"c":null,"d":2.5},"timestamp":1458229140}""");
        Assert.Equal(["m d 2.5 @1458229140000000000"], points.Lines());
        Assert.Equal((0, 3), (points.ErrorCount, points.SkippedCount));
    }

    [Fact]
    public void Field_BeyondDouble_IsAnErrorAndTheOthersPass()
    {
        PointBatch points = Run("""{"name":"m","fields":{"a":1e400,"b":1e-400,"c":1},"timestamp":1458229140}""");
        Assert.Equal(2, points.Count);
        Assert.Equal(["26: a number outside the range of 64 bits"], points.Errors());
    }

    [Fact]
    public void Tags_InAnyOrderEmptyOrEscaped_AreCanonical() => Assert.Equal(
        [@"a\,b\ c=d,host=x\ y,path=C:/,z=\=\,é f\=1 1 @1458229140000000000"],
        Run("""
            {"tags":{"z":"=,\u00e9","path":"C:\\","empty":"","host":"x y","none":null},"name":"a,b c=d","fields":{"f=1":1},"timestamp":1458229140}
            """).Lines());

    [Fact]
    public void BadMetric_InABatch_LeavesItsNeighbours()
    {
        PointBatch points = Run("""{"metrics":[{"name":"a","fields":{"f":1}},{"fields":{"f":1}},7,{"name":"b","fields":{"f":1}}]}""");
        Assert.Equal(2, points.Count);
        Assert.Equal(["42: a metric without name", "61: an object was expected"], points.Errors());
    }

    [Fact]
    public void SyntaxError_OnOneLineOfMany_LeavesTheOthers()
    {
        PointBatch points = Run("""
            {"name":"a","fields":{"f":1}}
            {"name":"b","fields":{"f":1}
            {"name":"c","fields":{"f":1}}
            """);
        Assert.Equal([$"a f 1 @{Decoded.RecordNs}", $"c f 1 @{Decoded.RecordNs}"], points.Lines());
        Assert.Single(points.Errors());
    }

    [Fact]
    public void NestingBeyondTheLimit_IsOneError()
    {
        string payload = string.Concat(Enumerable.Repeat("{\"metrics\":[", 50_000));
        Assert.EndsWith("nested too deeply", Assert.Single(Run(payload).Errors()), StringComparison.Ordinal);
    }

    [Fact]
    public void InvalidUtf8_InOneMetric_LeavesTheOther()
    {
        byte[] payload = Encoding.Latin1.GetBytes("""[{"name":"é","fields":{"f":1}},{"name":"b","fields":{"f":1,"é":2}}]""");
        PointBatch points = Decoded.Run(new RecordDecoder(new(), DecodeFormat.TelegrafJson), payload);
        Assert.Equal([$"b f 1 @{Decoded.RecordNs}"], points.Lines());
        Assert.Equal(2, points.ErrorCount);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{\"metrics\":[]}")]
    public void Payload_WithoutPoints_IsAnError(string payload) => Assert.Single(Run(payload).Errors());

    [Fact]
    public void Decode_OfWarmDecoder_AllocatesNothing()
    {
        byte[] payload = Encoding.UTF8.GetBytes(Docker);
        var decoder = new RecordDecoder(new() { Exclude = ["*.field_2"] }, DecodeFormat.Auto);
        var points = new PointBatch();
        decoder.Decode(payload, 0, points);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
        {
            points.Clear();
            decoder.Decode(payload, 0, points);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal((2, 1), (points.Count, points.ExcludedCount));
    }

    static PointBatch Run(string payload) => Decoded.Run(DecodeFormat.TelegrafJson, payload);
}
