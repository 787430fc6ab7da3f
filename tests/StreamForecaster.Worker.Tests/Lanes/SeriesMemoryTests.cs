using System.Globalization;
using System.Text;
using StreamForecaster.Alignment;
using StreamForecaster.Grouping;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Lanes;
using StreamForecaster.Worker.Publishing;

namespace StreamForecaster.Worker.Tests.Lanes;

/// <summary>What a series takes in all: its block, and what a lane knows it by. Alone, as it counts the process's managed memory.</summary>
[Collection(Name)]
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class SeriesMemoryTests
{
    const string Name = "memory of a series";
    const int Series = 20_000;

    [Theory]
    [InlineData(SeriesProfile.Full, 32 << 10)]
    [InlineData(SeriesProfile.Lean, 10 << 10)]
    public void Process_ManySeries_KeepsBlockAndIdentityWithinTheProfilesBudget(SeriesProfile profile, int budget)
    {
        LaneSettings settings = new()
        {
            Align = new AlignmentOptions { Step = TimeSpan.FromSeconds(10) },
            Series = new SeriesOptions { Groups = [new() { Name = "cpu", Match = ["cpu.*"], Profile = profile }] },
            Cohorts = new() { By = [] },
        };
        using LaneRun run = new(settings, places: new(static (_, _, _) => { }));
        Feed(run.Lane, "first", 400, start: 0);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        Feed(run.Lane, "server", Series, start: 100);
        double identity = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)Series;
        LaneGroup group = Assert.Single(run.Lane.Groups);

        Assert.Equal(Series + 400, group.SeriesCount);
        Assert.True(group.BlockBytes + identity <= budget, $"a block of {group.BlockBytes} bytes and an identity of {identity:F0}");
    }

    // Five steps of Telegraf's cpu metric from many hosts.
    static void Feed(Lane lane, string host, int series, int start)
    {
        RecordBatch batch = new();
        ResultBatch results = new();
        for (int i = 0; i < 5 * series; i++)
        {
            string key = string.Create(CultureInfo.InvariantCulture, $"cpu,cpu=cpu{i % 8},host={host}-{i % series / 8:D4}");
            TestRecord record = TestRecord.Point(i, key, start + (i / series * 10), i % 100);
            batch.Add(record.Offset, record.TimestampMs, [], Encoding.UTF8.GetBytes(record.Payload));
            if (batch.Count == 500)
            {
                lane.Process(batch, results);
                batch.Clear();
                results.Clear();
            }
        }
    }
}
