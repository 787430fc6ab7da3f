using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Tests.Ingestion;

namespace StreamForecaster.SystemTests.Ingestion;

// Topics by pattern, missing topics, full lanes, several members.
public abstract partial class KafkaSourceContract
{
    [Fact]
    public async Task Run_TopicPattern_ReadsWhatMatchesAndWhatMatchesLater()
    {
        Assert.SkipWhen(broker.Missing is not null, broker.Missing ?? "");
        string prefix = broker.Unique("pattern");
        await broker.CreateTopicAsync($"{prefix}-a", 1);
        await broker.CreateTopicAsync($"other-{prefix}-b", 1);
        broker.Produce($"{prefix}-a", 1, 10);
        broker.Produce($"other-{prefix}-b", 1, 10, first: 100);

        await using SourceRun run = new(Options($"^{prefix}-.*"));
        await run.ReceivedAsync(10);
        await broker.CreateTopicAsync($"{prefix}-c", 1);
        broker.Produce($"{prefix}-c", 1, 10, first: 10);
        await run.ReceivedAsync(20);

        AssertEachOnceInOrder(20, run.Lanes);
    }

    [Fact]
    public async Task Run_LaneWithoutRoom_HoldsUpOnlyItsOwnPartition()
    {
        const int Full = 1;
        string topic = await broker.NewTopicAsync(Partitions);
        broker.Produce(topic, Partitions, 8000);
        bool room = false;
        RecordingLanes lanes = new() { Room = lane => lane.Partition != Full || Volatile.Read(ref room) };

        await using SourceRun run = new(Options(topic) with { MaxBatchRecords = 100 }, lanes);
        await run.ReceivedAsync(6000);
        Assert.DoesNotContain(lanes.Records, record => record.Lane.Partition == Full);
        broker.Produce(topic, Partitions, 400, first: 8000);
        await run.ReceivedAsync(6300);
        Assert.DoesNotContain(lanes.Records, record => record.Lane.Partition == Full);
        Volatile.Write(ref room, true);
        await run.ReceivedAsync(8400);

        AssertEachOnceInOrder(8400, lanes);
    }

    [Fact]
    public async Task Run_SecondMember_TakesPartitionsAndGivesThemBack()
    {
        string topic = await broker.NewTopicAsync(Partitions);
        KafkaOptions options = Options(topic);
        await using SourceRun first = new(options);
        await first.OpenAsync(Partitions);
        broker.Produce(topic, Partitions, 400);
        await first.ReceivedAsync(400);

        await using SourceRun second = new(options);
        await second.OpenAsync(Partitions / 2);
        await first.OpenAsync(Partitions / 2);
        broker.Produce(topic, Partitions, 400, first: 400);
        await ReceivedTogetherAsync(800);
        Assert.NotEqual(0, second.Lanes.Count);
        await second.StopAsync();
        await first.OpenAsync(Partitions);
        broker.Produce(topic, Partitions, 400, first: 800);
        await ReceivedTogetherAsync(1200);

        if (TakesCommitsWhileRebalancing)
        {
            AssertEachOnceInOrder(1200, first.Lanes, second.Lanes);
            Assert.DoesNotContain(first.Lanes.Closed, closed => closed.Lost);
        }

        Task ReceivedTogetherAsync(int count) => Wait.UntilAsync(
            () => first.Lanes.Records.Concat(second.Lanes.Records).Select(record => record.Value).Distinct().Count() == count,
            () => $"{count} records; {first.Log} / {second.Log}");
    }

    [Fact]
    public async Task Run_RecordOverTheLimit_IsCutAndSaysSo()
    {
        string topic = await broker.NewTopicAsync(1);
        using (var producer = broker.NewProducer())
        {
            foreach (int size in (int[])[10, 5000, 20])
            {
                await producer.ProduceAsync(topic, new() { Value = new byte[size] }, TestContext.Current.CancellationToken);
            }
        }

        await using SourceRun run = new(Options(topic) with { MaxRecordBytes = 1024 });
        await run.ReceivedAsync(3);

        Assert.Equal([10, 1024, 20], run.Lanes.Records.Select(record => record.Value.Length));
        Assert.Equal([10, 5000, 20], run.Lanes.Records.Select(record => record.FullLength));
    }

    [Fact]
    public async Task Run_SilentPartition_TicksWhileItsEndIsReached()
    {
        string topic = await broker.NewTopicAsync(1);
        broker.Produce(topic, 1, 10);

        await using SourceRun run = new(Options(topic) with { IdleAfter = TimeSpan.FromSeconds(1) });
        await Wait.UntilAsync(() => run.Lanes.IdleTicks.Count >= 2, () => $"{run.Lanes.IdleTicks.Count} ticks; {run.Log}");

        Assert.Equal(10, run.Lanes.Count);
        Assert.Equal(0, run.Lags[new(topic, 0)]);
    }
}
