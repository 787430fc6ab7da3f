using System.Globalization;
using StreamForecaster.SystemTests.Brokers;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Tests.Ingestion;

namespace StreamForecaster.SystemTests.Ingestion;

/// <summary>What the Kafka source promises, on any broker.</summary>
public abstract partial class KafkaSourceContract(KafkaBroker broker)
{
    const int Partitions = 4;

    /// <summary>False for a broker that refuses the commit of a member that is giving up partitions: their records come twice.</summary>
    protected virtual bool TakesCommitsWhileRebalancing => true;

    private protected KafkaOptions Options(params string[] topics) => new()
    {
        BootstrapServers = broker.BootstrapServers,
        Topics = topics,
        GroupId = broker.Unique("group"),
        Start = "earliest",
        CommitInterval = TimeSpan.FromMilliseconds(200),
        TopicRefresh = TimeSpan.FromSeconds(1),
        Client = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["session.timeout.ms"] = "6000",
            ["heartbeat.interval.ms"] = "300",
        },
    };

    // What every test with records checks at its end: each once, in order within its lane.
    private protected static void AssertEachOnceInOrder(int count, params RecordingLanes[] members)
    {
        List<ReceivedRecord> all = [.. members.SelectMany(lanes => lanes.Records)];
        Assert.Equal(Enumerable.Range(0, count), all.Select(record => int.Parse(record.Value, CultureInfo.InvariantCulture)).Order());
        Assert.All(members.SelectMany(lanes => lanes.Records.GroupBy(record => record.Lane)), lane =>
        {
            long[] offsets = [.. lane.Select(record => record.Offset)];
            Assert.Equal(offsets.Order(), offsets);
        });
    }

    [Fact]
    public async Task Run_NewGroupFromEarliest_DeliversEachRecordOnceInOrder()
    {
        string topic = await broker.NewTopicAsync(Partitions);
        broker.Produce(topic, Partitions, 5000, timestampMs: 1_700_000_000_000);

        await using SourceRun run = new(Options(topic));
        await run.ReceivedAsync(5000);
        await run.StopAsync();

        AssertEachOnceInOrder(5000, run.Lanes);
        ReceivedRecord sample = run.Lanes.Records.Single(record => record.Offset == 10 && record.Lane.Partition == 2);
        Assert.Equal("key2", sample.Key);
        Assert.Equal(1_700_000_000_042, sample.TimestampMs);
        Assert.Equal(Partitions, run.Lanes.Closed.Count(closed => !closed.Lost));
        Assert.All(run.Lanes.Opened, opened => Assert.Equal(-1, opened.Committed));
    }

    [Fact]
    public async Task Run_SecondTime_GoesOnAtTheCommittedOffsets()
    {
        string topic = await broker.NewTopicAsync(Partitions);
        KafkaOptions options = Options(topic);
        broker.Produce(topic, Partitions, 400);
        RecordingLanes first;
        await using (SourceRun run = new(options))
        {
            await run.ReceivedAsync(400);
            await run.StopAsync();
            first = run.Lanes;
        }

        broker.Produce(topic, Partitions, 100, first: 400);
        await using SourceRun second = new(options);
        await second.ReceivedAsync(100);
        await second.StopAsync();

        AssertEachOnceInOrder(500, first, second.Lanes);
        Assert.All(second.Lanes.Opened, opened => Assert.Equal(100, opened.Committed));
    }

    [Fact]
    public async Task Run_WhereOnlyAPrefixWasAcknowledged_ReadsTheRestAgain()
    {
        string topic = await broker.NewTopicAsync(1);
        KafkaOptions options = Options(topic);
        broker.Produce(topic, 1, 100);
        await using (SourceRun run = new(options, new() { Acknowledge = next => Math.Min(next, 40) }))
        {
            await run.ReceivedAsync(100);
            await run.StopAsync();
        }

        await using SourceRun second = new(options);
        await second.ReceivedAsync(60);

        Assert.Equal(40, second.Lanes.Opened[0].Committed);
        Assert.Equal(40, second.Lanes.Records[0].Offset);
    }

    [Fact]
    public async Task Run_LaneThatRebuildsState_IsGivenEarlierRecords()
    {
        string topic = await broker.NewTopicAsync(1);
        KafkaOptions options = Options(topic);
        broker.Produce(topic, 1, 100);
        await using (SourceRun run = new(options))
        {
            await run.ReceivedAsync(100);
            await run.StopAsync();
        }

        await using SourceRun second = new(options, new() { Start = start => start.From - 30 });
        await second.ReceivedAsync(30);

        Assert.Equal(100, second.Lanes.Opened[0].Committed);
        Assert.Equal(70, second.Lanes.Records[0].Offset);
    }

    [Fact]
    public async Task Run_FromLatest_ReadsOnlyWhatComes()
    {
        string topic = await broker.NewTopicAsync(1);
        broker.Produce(topic, 1, 10);
        KafkaOptions options = Options(topic) with { Start = "latest" };
        await using (SourceRun run = new(options))
        {
            await run.OpenAsync(1);
            await run.StopAsync();
            Assert.Equal(0, run.Lanes.Count);
        }

        // The start was committed: what came in between is not skipped.
        broker.Produce(topic, 1, 5, first: 10);
        await using SourceRun second = new(options);
        await second.ReceivedAsync(5);

        Assert.Equal(["10", "11", "12", "13", "14"], second.Lanes.Records.Select(record => record.Value));
    }
}
