using System.Text;
using StreamForecaster.Worker.Ingestion.Repartition;

namespace StreamForecaster.Worker.Tests.Ingestion;

public sealed class PlacementKeysTests
{
    [Theory]
    [InlineData("cpu,cpu=cpu0,host=a usage", "a")]
    [InlineData("cpu,dc=x,host=a usage", "x/a")]
    [InlineData("cpu,cpu=cpu0 usage", "cpu,cpu=cpu0 usage")]
    [InlineData(@"cpu,host=a\ b usage", "a b")]
    public void Of_Series_TheConfiguredTagsOrAllOfIt(string series, string placement)
    {
        PlacementKeys keys = new(["dc", "host"]);

        Assert.Equal(placement, Encoding.UTF8.GetString(keys.Of(Encoding.UTF8.GetBytes(series))));
        Assert.Same(keys.Of(Encoding.UTF8.GetBytes(series)), keys.Of(Encoding.UTF8.GetBytes(series)));
    }
}
