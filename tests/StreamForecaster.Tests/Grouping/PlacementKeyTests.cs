using System.Text;
using StreamForecaster.Grouping;

namespace StreamForecaster.Tests.Grouping;

public sealed class PlacementKeyTests
{
    // The values of Kafka's own test of its partitioner (UtilsTest.testMurmur2).
    [Theory]
    [InlineData("21", -973932308)]
    [InlineData("foobar", -790332482)]
    [InlineData("a-little-bit-long-string", -985981536)]
    [InlineData("a-little-bit-longer-string", -1486304829)]
    [InlineData("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971)]
    [InlineData("abc", 479470107)]
    public void Murmur2_OfKafkasOwnExamples_IsTheSame(string key, int hash) => Assert.Equal(hash, (int)PlacementKey.Murmur2(Encoding.UTF8.GetBytes(key)));

    [Theory]
    [InlineData("cpu,cpu=0,host=a usage_idle", "a")]
    [InlineData("cpu,host=b\\ c,rack=r7 usage_idle", "b c")]
    [InlineData("cpu,rack=r7 usage_idle", "cpu,rack=r7 usage_idle")]
    public void Of_Series_IsTheTagsValuesOrTheSeries(string series, string key) =>
        Assert.Equal(key, Encoding.UTF8.GetString(PlacementKey.Of(Encoding.UTF8.GetBytes(series), ["host"])));

    [Fact]
    public void Of_SeveralTags_JoinsThoseThatItHas() =>
        Assert.Equal("r7/a", Encoding.UTF8.GetString(PlacementKey.Of("cpu,cpu=0,host=a,rack=r7 idle"u8, ["rack", "missing", "host"])));
}
