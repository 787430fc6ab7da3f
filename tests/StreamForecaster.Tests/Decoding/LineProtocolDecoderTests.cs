using System.Text;
using StreamForecaster.Decoding;

namespace StreamForecaster.Tests.Decoding;

public sealed class LineProtocolDecoderTests
{
    [Fact]
    public void Line_WithEveryKindOfValue_GivesItsNumbers()
    {
        PointBatch points = Run("cpu,host=a,cpu=cpu0 usage_idle=97.5,n=3i,u=3u,ok=true,s=\"x\" 1458229140000000000");
        Assert.Equal(
            [
                "cpu,cpu=cpu0,host=a usage_idle 97.5 @1458229140000000000",
                "cpu,cpu=cpu0,host=a n 3 @1458229140000000000",
                "cpu,cpu=cpu0,host=a u 3 @1458229140000000000",
            ],
            points.Lines());
        Assert.Equal((0, 2), (points.ErrorCount, points.SkippedCount));
    }

    [Theory]
    [InlineData("m f=1", "m f 1")]
    [InlineData("m f=-1.5e3\r\n", "m f -1500")]
    [InlineData("# a comment\n\n  m  f=1  \n", "m f 1")]
    [InlineData(@"a\,b\ c,t\=\,=v\ w f\ 1=1", @"a\,b\ c,t\=\,=v\ w f\ 1 1")]
    [InlineData("m,b=2,a=1,b=3 f=1", "m,a=1,b=3 f 1")]
    [InlineData("m,a= f=1", "m f 1")]
    [InlineData("m s=\"a \\\" b,\n c=1\",f=1", "m f 1")]
    public void Line_OfOddForm_IsRead(string payload, string expected)
    {
        PointBatch points = Run(payload);
        Assert.Equal([$"{expected} @{Decoded.RecordNs}"], points.Lines());
        Assert.Equal(0, points.ErrorCount);
    }

    [Fact]
    public void TrailingBackslashOfATagValue_SpoilsItsLineOnly()
    {
        PointBatch points = Run("m,p=C:\\ f=1\nn f=1");
        Assert.Equal([$"n f 1 @{Decoded.RecordNs}"], points.Lines());
        Assert.Equal(["11: a line without fields"], points.Errors());
    }

    [Theory]
    [InlineData("m", "1: a line without fields")]
    [InlineData(",a=b f=1", "0: a line without name")]
    [InlineData("m,=b f=1", "2: a tag without name or value")]
    [InlineData("m,a f=1", "2: a tag without name or value")]
    [InlineData("m f", "2: a field without name or value")]
    [InlineData("m f=1,", "6: a field without name or value")]
    [InlineData("m f=abc", "4: a field's value is not a number, boolean or quoted text")]
    [InlineData("m f=1.5i", "4: a field's value is not a number, boolean or quoted text")]
    [InlineData("m f=1e400", "4: a field's value is not a number, boolean or quoted text")]
    [InlineData("m f=", "4: a field's value is not a number, boolean or quoted text")]
    [InlineData("m f=\"abc", "5: a text without its closing quote")]
    [InlineData("m f=1 tomorrow", "6: the timestamp is not a number of a time between 1684 and 2255")]
    [InlineData("m f=1 253402300799", "6: the timestamp is not a number of a time between 1684 and 2255")]
    public void Line_ThatIsBad_IsAnErrorAndItsNeighboursPass(string line, string expected)
    {
        PointBatch alone = Run(line);
        Assert.Equal(expected, Assert.Single(alone.Errors()));
        if (!line.Contains('"', StringComparison.Ordinal))
        {
            PointBatch points = Run($"a f=1\n{line}\nb f=1\n");
            Assert.Equal([$"a f 1 @{Decoded.RecordNs}", $"b f 1 @{Decoded.RecordNs}"], points.Lines());
            Assert.Equal(1, points.ErrorCount);
        }
    }

    [Theory]
    [InlineData("NaN")]
    [InlineData("+Inf")]
    [InlineData("-inf")]
    public void Value_ThatIsNotFinite_IsSkipped(string value)
    {
        PointBatch points = Run($"m f={value}");
        Assert.Equal((0, 0, 1), (points.Count, points.ErrorCount, points.SkippedCount));
    }

    [Fact]
    public void NameLongerThanTheLimit_IsAnError()
    {
        PointBatch points = Run($"{new string('a', 5000)} f=1\nm {new string('a', 5000)}=1,g=2");
        Assert.Equal([$"m g 2 @{Decoded.RecordNs}"], points.Lines());
        Assert.Equal(2, points.ErrorCount);
    }

    [Fact]
    public void MillionLines_GiveAMillionPoints()
    {
        var text = new StringBuilder();
        for (int i = 0; i < 1_000_000; i++)
        {
            text.Append("m,k=").Append(i % 1000).Append(" f=1\n");
        }

        PointBatch points = Decoded.Run(new RecordDecoder(new(), DecodeFormat.LineProtocol, maxRecordBytes: 1 << 26), Encoding.UTF8.GetBytes(text.ToString()));
        Assert.Equal((1_000_000, 0), (points.Count, points.ErrorCount));
    }

    [Fact]
    public void Amplification_OfALongTagOverManyFields_StopsAtTheLimit()
    {
        string fields = string.Join(',', Enumerable.Range(0, 100_000).Select(i => "f=1"));
        PointBatch points = Decoded.Run(DecodeFormat.LineProtocol, $"m,t={new string('x', 4000)} {fields}");
        Assert.InRange(points.Count, 1, 16_800);
        Assert.Equal(100_000, points.Count + points.ErrorCount);
    }

    [Fact]
    public void Decode_OfWarmDecoder_AllocatesNothing()
    {
        byte[] payload = Encoding.UTF8.GetBytes("cpu,host=a\\ b,cpu=cpu0 usage_idle=97.5,n=3i,s=\"x\" 1458229140000000000\nm f=1\n");
        var decoder = new RecordDecoder(new(), DecodeFormat.Auto);
        var points = new PointBatch();
        decoder.Decode(payload, 0, points);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
        {
            points.Clear();
            decoder.Decode(payload, 0, points);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(3, points.Count);
    }

    static PointBatch Run(string payload) => Decoded.Run(DecodeFormat.LineProtocol, payload);
}
