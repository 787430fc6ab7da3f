using System.Text;
using System.Text.Json;
using StreamForecaster.Decoding;
using StreamForecaster.Publishing;

namespace StreamForecaster.Tests.Publishing;

public sealed class ResultLinesTests
{
    const long TimeNs = 1_458_229_140_000_000_000;

    [Fact]
    public void Forecast_OfATaggedSeries_HasSortedTagsAndAllFields()
    {
        var to = new ByteBuffer();
        Assert.True(ResultLines.AppendForecast(to, Labels("cpu,cpu=cpu0,host=a,zone=b usage_idle"), 12, TimeNs, 97.5, 90, 100.25, "gru"u8, 3, "model"u8));
        Assert.Equal(
            @"forecast,cpu=cpu0,horizon=12,host=a,series=cpu.usage_idle{cpu\=cpu0\,host\=a\,zone\=b},zone=b "
            + "yhat=97.5,yhat_lower=90,yhat_upper=100.25,model=\"gru\",version=3i,expert=\"model\" 1458229140000000000\n",
            Text(to));
    }

    [Fact]
    public void Anomaly_WithoutForecast_LeavesYhatOut()
    {
        var to = new ByteBuffer();
        ResultLines.AppendAnomaly(to, Labels("up value"), TimeNs, 1, double.NaN, 0.5, 0.001, isAnomaly: true);
        ResultLines.AppendAnomaly(to, Labels("up value"), TimeNs, 1, 2, double.NaN, double.NaN, isAnomaly: false);
        Assert.Equal(
            "anomaly,series=up.value anomaly_score=0.5,y=1,p_value=0.001,is_anomaly=true 1458229140000000000\n"
            + "anomaly,series=up.value anomaly_score=0,y=1,yhat=2,is_anomaly=false 1458229140000000000\n",
            Text(to));
    }

    [Fact]
    public void Event_HasStartAsTimeAndEndInMilliseconds()
    {
        var to = new ByteBuffer();
        ResultLines.AppendEvent(to, Labels("up value"), Event());
        Assert.Equal(
            "anomaly_event,series=up.value end_time=1458229200000i,peak=0.99,severity=\"critical\","
            + "text=\"\\\"up\\\" is \\\\ high \",tags=\"anomaly,up\" 1458229140000000000\n",
            Text(to));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Forecast_ThatIsNotFinite_IsNotWritten(double yhat)
    {
        var to = new ByteBuffer();
        Assert.False(ResultLines.AppendForecast(to, Labels("up value"), 1, TimeNs, yhat, 0, 1, "m"u8, 1, "e"u8));
        Assert.False(ResultMessages.AppendForecast(to, Labels("up value"), 1, TimeNs, yhat, 0, 1, "m"u8, 1, "e"u8));
        Assert.Equal(0, to.Length);
    }

    [Theory]
    [InlineData(0.1, "0.1")]
    [InlineData(1e300, "1E+300")]
    [InlineData(double.Epsilon, "5E-324")]
    [InlineData(1.0 / 3, "0.3333333333333333")]
    [InlineData(-123456789, "-123456789")]
    public void Double_IsTheShortestThatReadsBack(double value, string expected)
    {
        var to = new ByteBuffer();
        to.AppendDouble(value);
        Assert.Equal(expected, Text(to));
        Assert.True(NumberText.TryParse(to.Written, out double back));
        Assert.Equal(value, back);
    }

    [Fact]
    public void OwnTags_WithNamesOfResults_AreRenamed()
    {
        var to = new ByteBuffer();
        SeriesLabels labels = Labels("m,_x=4,horizon=1,series=2,tag_series=3,time=5 f");
        ResultLines.AppendAnomaly(to, labels, TimeNs, 1, 1, 0, 1, isAnomaly: false);
        Assert.StartsWith(
            @"anomaly,series=m.f{_x\=4\,horizon\=1\,series\=2\,tag_series\=3\,time\=5},"
            + "tag__x=4,tag_horizon=1,tag_series=3,tag_tag_series=2,tag_time=5 ",
            Text(to),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_OfHardNames_AreReadByTheLineDecoder()
    {
        var to = new ByteBuffer();
        byte[] key = SeriesIdentity.Key("a,b\nc \\", [new("k =,", "C:\\"), new("ü\t", "a\\,b")], "f=\"1\"");
        ResultLines.AppendAnomaly(to, new(SeriesIdentity.Parse(key)), TimeNs, 1, 2, 0.5, 0.1, isAnomaly: true);
        var points = new PointBatch();
        new LineProtocolDecoder(new()).Decode(to.Written, 0, points);
        Assert.Equal((4, 0), (points.Count, points.ErrorCount));
        var back = SeriesIdentity.Parse(points.Key(0));
        Assert.Equal("a,b_c /.f=\"1\"{k =,=C:/,ü_=a/,b}", back.Tag("series"));
        Assert.Equal("C:/", back.Tag("k =,"));
    }

    [Fact]
    public void Messages_AreKindKeyAndJsonWithTheSameNames()
    {
        var to = new ByteBuffer();
        SeriesLabels labels = Labels("""cpu,host=a" f""");
        ResultMessages.AppendForecast(to, labels, 1, TimeNs, 1.5, double.NaN, 2, "gru"u8, 3, "model"u8);
        ResultMessages.AppendAnomaly(to, labels, TimeNs, 1, 2, 0.5, 0.1, isAnomaly: true);
        ResultMessages.AppendEvent(to, labels, Event());
        string[] lines = Text(to).TrimEnd('\n').Split('\n');
        Assert.Equal(["f", "a", "e"], lines.Select(l => l.Split('\t')[0]));
        Assert.All(lines, l => Assert.Equal("cpu.f{host=a\"}", l.Split('\t')[1]));
        JsonElement[] json = [.. lines.Select(l => JsonDocument.Parse(l.Split('\t')[2]).RootElement)];
        Assert.All(json, j => Assert.Equal("a\"", j.GetProperty("labels").GetProperty("host").GetString()));
        Assert.All(json, j => Assert.Equal(TimeNs, j.GetProperty("time").GetInt64()));
        Assert.Equal(1.5, json[0].GetProperty("yhat").GetDouble());
        Assert.False(json[0].TryGetProperty("yhat_lower", out _));
        Assert.True(json[1].GetProperty("is_anomaly").GetBoolean());
        Assert.Equal("\"up\" is \\ high ", json[2].GetProperty("text").GetString());
    }

    [Fact]
    public void Append_OfWarmBuffer_AllocatesNothing()
    {
        var to = new ByteBuffer();
        SeriesLabels labels = Labels("cpu,cpu=cpu0,host=a usage_idle");
        Append();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
        {
            Append();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Append()
        {
            to.Clear();
            ResultLines.AppendForecast(to, labels, 1, TimeNs, 0.1, 0.2, 0.3, "gru"u8, 1, "model"u8);
            ResultLines.AppendAnomaly(to, labels, TimeNs, 0.1, 0.2, 0.3, 0.4, isAnomaly: false);
            ResultLines.AppendEvent(to, labels, Event());
            ResultMessages.AppendForecast(to, labels, 1, TimeNs, 0.1, 0.2, 0.3, "gru"u8, 1, "model"u8);
        }
    }

    static AnomalyEvent Event() =>
        new(TimeNs, (TimeNs / 1_000_000) + 60_000, 0.99, "critical"u8, "\"up\" is \\ high\n"u8, "anomaly,up"u8);

    static SeriesLabels Labels(string key) => new(SeriesIdentity.Parse(Encoding.UTF8.GetBytes(key)));

    static string Text(ByteBuffer buffer) => Encoding.UTF8.GetString(buffer.Written);
}
