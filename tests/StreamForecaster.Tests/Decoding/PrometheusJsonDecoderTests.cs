using StreamForecaster.Decoding;

namespace StreamForecaster.Tests.Decoding;

public sealed class PrometheusJsonDecoderTests
{
    [Fact]
    public void Sample_OfTheDocumentation_IsOnePoint() => Assert.Equal(
        ["up,label1=value1 value 9876543210 @0"],
        Run("""{"timestamp":"1970-01-01T00:00:00Z","value":"9876543210","name":"up","labels":{"__name__":"up","label1":"value1"}}""").Lines());

    [Theory]
    [InlineData("NaN")]
    [InlineData("+Inf")]
    [InlineData("-Inf")]
    public void Value_ThatIsNotFinite_IsSkippedWithoutError(string value)
    {
        PointBatch points = Run($$$"""{"timestamp":"1970-01-01T00:00:00Z","value":"{{{value}}}","name":"up","labels":{}}""");
        Assert.Equal((0, 0, 1), (points.Count, points.ErrorCount, points.SkippedCount));
    }

    [Theory]
    [InlineData("""{"value":"1","labels":{"a":"b"}}""", "0: a sample without name")]
    [InlineData("""{"name":"up","labels":{"a":"b"}}""", "0: a sample without value")]
    [InlineData("""{"name":"up","value":"high"}""", "21: the value is not a number")]
    [InlineData("""{"name":"up","value":"1e400"}""", "21: the value is not a number")]
    [InlineData("""{"name":"up","value":true}""", "21: the value is not a number")]
    [InlineData("""{"name":"up","value":"1","labels":7}""", "34: the tags are not an object")]
    [InlineData("""{"name":"up","value":"1","timestamp":"soon"}""", "37: the timestamp is not a time between 1684 and 2255")]
    public void Sample_ThatIsBad_IsAnError(string payload, string expected) =>
        Assert.Equal([expected], Run(payload).Errors());

    [Fact]
    public void Name_MayComeFromTheLabelsOnly() => Assert.Equal(
        [$"up value 1 @{Decoded.RecordNs}"],
        Run("""{"value":1,"labels":{"__name__":"up"}}""").Lines());

    static PointBatch Run(string payload) => Decoded.Run(DecodeFormat.PrometheusJson, payload);
}
