using System.Text;
using StreamForecaster.Decoding;

namespace StreamForecaster.Tests.Decoding;

public sealed class RecordDecoderTests
{
    const string Line = "cpu,host=a usage_idle=97.5 1458229140000000000";

    [Theory]
    [InlineData(Line)]
    [InlineData("""{"fields":{"usage_idle":97.5},"name":"cpu","tags":{"host":"a"},"timestamp":1458229140}""")]
    [InlineData("""{"schema":{"type":"struct"},"payload":{"fields":{"usage_idle":97.5},"name":"cpu","tags":{"host":"a"},"timestamp":1458229140}}""")]
    [InlineData("\n [ {\"name\":\"cpu\",\"tags\":{\"host\":\"a\"},\"fields\":{\"usage_idle\":97.5},\"timestamp\":1458229140}]")]
    public void Auto_TellsTheFormat_PlainInflatedOrFramed(string payload)
    {
        string[] expected = ["cpu,host=a usage_idle 97.5 @1458229140000000000"];
        byte[] plain = Encoding.UTF8.GetBytes(payload);
        Assert.Equal(expected, Run(plain).Lines());
        Assert.Equal(expected, Run(DecoderSeeds.Gzip(plain)).Lines());
        if (!string.Equals(payload, Line, StringComparison.Ordinal))
        {
            byte[] framed = [0, 0, 0, 0, 7, .. plain];
            Assert.Equal(expected, Run(framed).Lines());
            Assert.Equal(expected, Run(DecoderSeeds.Gzip(framed)).Lines());
        }
    }

    [Fact]
    public void Auto_TellsPrometheus() => Assert.Equal(
        ["up,label1=value1 value 1 @0"],
        Run("""{"timestamp":"1970-01-01T00:00:00Z","value":"1","name":"up","labels":{"__name__":"up","label1":"value1"}}"""u8).Lines());

    [Fact]
    public void Frame_WithAvro_SaysSo() => Assert.Equal(
        ["5: a Schema Registry frame whose body is not JSON: Avro and Protobuf bodies are not decoded"],
        Run([0, 0, 0, 0, 7, 2, 6, 97]).Errors());

    [Fact]
    public void Errors_InAFrame_PointIntoTheRecord() => Assert.Equal(
        ["6: an object was expected"],
        Run([0, 0, 0, 0, 7, .. """[7]"""u8], DecodeFormat.TelegrafJson).Errors());

    [Fact]
    public void Gzip_CutOffOrDamaged_IsAnError()
    {
        byte[] whole = DecoderSeeds.Gzip(Encoding.UTF8.GetBytes(Line));
        Assert.NotEmpty(Run(whole.AsSpan(0, whole.Length / 2)).Errors());
        whole[12] ^= 0xff;
        Assert.NotEmpty(Run(whole).Errors());
        Assert.NotEmpty(Run([0x1f, 0x8b, 8]).Errors());
    }

    [Fact]
    public void Record_LargerThanTheLimit_IsAnErrorBeforeAndAfterInflation()
    {
        byte[] large = new byte[100_000];
        large.AsSpan().Fill((byte)' ');
        Encoding.UTF8.GetBytes(Line).CopyTo(large, 0);
        var decoder = new RecordDecoder(new(), DecodeFormat.Auto, 99_999);
        Assert.Equal(["0: the record is larger than maxRecordBytes"], Decoded.Run(decoder, large).Errors());
        Assert.Equal(["0: the inflated record is larger than maxRecordBytes"], Decoded.Run(decoder, DecoderSeeds.Gzip(large)).Errors());
        var exact = new RecordDecoder(new(), DecodeFormat.Auto, 100_000);
        Assert.Single(Decoded.Run(exact, DecoderSeeds.Gzip(large)).Lines());
    }

    [Theory]
    [InlineData("cpu.*", "", 2)]
    [InlineData("cpu.idle", "", 1)]
    [InlineData("*{*host=b*}", "", 1)]
    [InlineData("", "*.user", 1)]
    [InlineData("cpu.*", "*{host=?}", 0)]
    [InlineData("mem.*", "", 0)]
    [InlineData("c?u.idle{host=a}", "", 1)]
    public void Patterns_DecideWhatIsTaken(string include, string exclude, int taken)
    {
        DecodeOptions options = new()
        {
            Include = include.Length == 0 ? [] : [include],
            Exclude = exclude.Length == 0 ? [] : [exclude],
        };
        PointBatch points = Decoded.Run(DecodeFormat.LineProtocol, "cpu,host=a idle=1\ncpu,host=b user=2\n", options);
        Assert.Equal((taken, 2 - taken, 0), (points.Count, points.ExcludedCount, points.ErrorCount));
    }

    [Fact]
    public void Format_OfATopic_IsTheConfiguredOne()
    {
        DecodeOptions options = new()
        {
            Topics = new Dictionary<string, DecodeFormat>(StringComparer.Ordinal) { ["otlp_metrics"] = DecodeFormat.OtlpProto },
        };
        Assert.Equal(DecodeFormat.OtlpProto, options.FormatOf("otlp_metrics"));
        Assert.Equal(DecodeFormat.Auto, options.FormatOf("metrics"));
    }

    static PointBatch Run(ReadOnlySpan<byte> payload, DecodeFormat format = DecodeFormat.Auto) =>
        Decoded.Run(new RecordDecoder(new(), format), payload);
}
