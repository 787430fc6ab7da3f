using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Tests.Publishing;

namespace StreamForecaster.Worker.Tests.Ingestion;

public sealed class PartitionCountsTests
{
    [Fact]
    public void Known_AfterARestart_IsTheFirstNumberTold()
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, "state", "partitions");
        Assert.Equal(4, new PartitionCounts(path).Known("metrics", 4));
        Assert.Equal(1, new PartitionCounts(path).Known("other", 1));

        PartitionCounts again = new(path);
        Assert.Equal(4, again.Known("metrics", 8));
        again.Set("metrics", 8);

        Assert.Equal(8, new PartitionCounts(path).Known("metrics", 9));
        Assert.Equal(1, new PartitionCounts(path).Known("other", 9));
    }
}
