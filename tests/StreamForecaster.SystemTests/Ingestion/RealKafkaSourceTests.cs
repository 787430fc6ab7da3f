using Confluent.Kafka;
using Confluent.Kafka.Admin;
using StreamForecaster.SystemTests.Brokers;
using StreamForecaster.Worker.Ingestion;

namespace StreamForecaster.SystemTests.Ingestion;

/// <summary>The Kafka source on an Apache Kafka: the contract, and what only a real broker does.</summary>
[Collection(SystemRun.Name)]
public sealed class RealKafkaSourceTests(RealKafka broker) : KafkaSourceContract(broker)
{
    [Fact]
    public async Task Run_MissingTopic_IsOneLineAndReadOnceItExists()
    {
        Assert.SkipWhen(broker.Missing is not null, broker.Missing ?? "");
        string topic = broker.Unique("late");
        await using SourceRun run = new(Options(topic));
        await Wait.UntilAsync(() => run.Log.Lines.Any(line => line.Contains("does not exist")), () => $"{run.Log}");

        await broker.CreateTopicAsync(topic, 2);
        broker.Produce(topic, 2, 10);
        await run.ReceivedAsync(10);

        AssertEachOnceInOrder(10, run.Lanes);
        Assert.Single(run.Log.Lines, line => line.Contains("does not exist"));
    }

    [Theory]
    [InlineData("2023-11-14T22:13:20.050Z", 50)]
    [InlineData("-36000d", 0)]
    public async Task Run_StartAtATime_BeginsWithTheFirstRecordFromThen(string start, int first)
    {
        string topic = await broker.NewTopicAsync(1);
        broker.Produce(topic, 1, 100, timestampMs: 1_700_000_000_000);

        await using SourceRun run = new(Options(topic) with { Start = start });
        await run.ReceivedAsync(100 - first);

        Assert.Equal($"{first}", run.Lanes.Records[0].Value);
    }

    [Fact]
    public async Task Run_ColdLane_IsToldTheOffsetSomeTimeBeforeTheCommittedOne()
    {
        string topic = await broker.NewTopicAsync(1);
        KafkaOptions options = Options(topic);
        broker.Produce(topic, 1, 100, timestampMs: 1_700_000_000_000);
        await using (SourceRun run = new(options, new() { Acknowledge = next => Math.Min(next, 80) }))
        {
            await run.ReceivedAsync(100);
            await run.StopAsync();
        }

        await using SourceRun cold = new(options, new() { Start = start => start.Before(TimeSpan.FromMilliseconds(20)) });
        await cold.ReceivedAsync(41);

        Assert.Equal(59, cold.Lanes.Records[0].Offset);
    }

    [Fact]
    public async Task Run_RecordsExpiredUnread_StopsWithTheirNumber()
    {
        (string topic, KafkaOptions options) = await ExpiredAsync();

        await using SourceRun run = new(options);
        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() => run.Completion);

        Assert.Contains($"{topic}-0: 20 records expired before they were read", thrown.Message);
        Assert.Contains($"{topic}-0: 20 records expired before they were read", Assert.Single(run.Troubles));
    }

    [Fact]
    public async Task Run_RecordsExpiredUnreadAndConfiguredToGoOn_ReportsTheirNumberAndGoesOn()
    {
        (string topic, KafkaOptions options) = await ExpiredAsync();

        await using SourceRun run = new(options with { OnOffsetLoss = OffsetLoss.Earliest });
        await run.ReceivedAsync(70);

        Assert.Equal("30", run.Lanes.Records[0].Value);
        Assert.Contains(run.Log.Lines, line => line.Contains($"{topic}-0: 20 records expired"));
        Assert.Empty(run.Troubles);
    }

    [Fact]
    public async Task Run_OffsetPastTheEnd_StopsOrBeginsANewHistoryAsConfigured()
    {
        string topic = await broker.NewTopicAsync(1);
        KafkaOptions options = Options(topic);
        broker.Produce(topic, 1, 100);
        await using (SourceRun run = new(options, new() { Acknowledge = next => next + 50 }))
        {
            await run.ReceivedAsync(100);
            await run.StopAsync();
        }

        await using SourceRun stopped = new(options);
        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() => stopped.Completion);
        Assert.Contains($"{topic}-0: offset 150 is past the end 100", thrown.Message);
        Assert.Contains($"{topic}-0: offset 150 is past the end 100", Assert.Single(stopped.Troubles));

        await using SourceRun going = new(options with { OnOffsetLoss = OffsetLoss.Earliest });
        await going.ReceivedAsync(100);
        Assert.Equal([150, -1], going.Lanes.Opened.Select(opened => opened.Committed));
        Assert.Equal([true], going.Lanes.Closed.Select(closed => closed.Lost));
    }

    [Fact]
    public async Task Run_MorePartitionsThanBefore_StopsOrGoesOnAsConfigured()
    {
        string topic = await broker.NewTopicAsync(1);
        KafkaOptions options = Options(topic) with { TopicRefresh = TimeSpan.FromSeconds(1) };
        broker.Produce(topic, 1, 10);
        string folder = Directory.CreateTempSubdirectory("streamforecaster-").FullName;
        string one = Path.Combine(folder, "one"), two = Path.Combine(folder, "two");
        await using SourceRun stopped = new(options, counts: one);
        await using SourceRun going = new(
            options with { OnPartitionsChanged = PartitionsChanged.Continue, GroupId = $"{options.GroupId}-going" }, counts: two);
        await Wait.UntilAsync(() => File.Exists(one) && File.Exists(two), () => $"{stopped.Log}");
        using IAdminClient admin = broker.NewAdmin();
        await admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = topic, IncreaseTo = 3 }]);

        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() => stopped.Completion.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
        Assert.Contains($"{topic}: 3 partitions, and 1 before", thrown.Message);
        await Wait.UntilAsync(() => going.Log.Lines.Any(line => line.Contains("3 partitions, and 1 before")), () => $"{going.Log}");
        Assert.False(going.Completion.IsCompleted);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Run_PausedForLong_NamesTheSinkAndTheTimeLeft()
    {
        string topic = await broker.NewTopicAsync(1);
        broker.Produce(topic, 1, 100, timestampMs: TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());

        await using SourceRun run = new(Options(topic) with { MaxBatchRecords = 10 }, new() { Room = _ => false });

        await Wait.UntilAsync(() => run.Log.Lines.Any(line => line.Contains("to delete what is unread in 6.23:5")), () => $"{run.Log}");
        Assert.Contains(run.Log.Lines, line => line.Contains("1 partitions are paused: sink influx:main: connection refused"));
    }

    [Fact]
    public async Task Run_StaticMemberRestarts_KeepsItsPartitions()
    {
        string topic = await broker.NewTopicAsync(2);
        KafkaOptions options = Options(topic);
        await using SourceRun other = new(options with { InstanceId = "one" });
        SourceRun member = new(options with { InstanceId = "two" });
        await member.OpenAsync(1);
        await other.OpenAsync(1);
        await member.DisposeAsync();

        await using SourceRun again = new(options with { InstanceId = "two" });
        await again.OpenAsync(1);

        Assert.Equal(member.Lanes.Opened[0].Lane, again.Lanes.Opened[0].Lane);
        Assert.Equal(1, other.Lanes.OpenCount);
    }

    // A group that has read 10 of 100 records, of which the first 30 are gone.
    async Task<(string Topic, KafkaOptions Options)> ExpiredAsync()
    {
        string topic = await broker.NewTopicAsync(1);
        KafkaOptions options = Options(topic);
        broker.Produce(topic, 1, 100);
        await using (SourceRun run = new(options, new() { Acknowledge = next => Math.Min(next, 10) }))
        {
            await run.ReceivedAsync(100);
            await run.StopAsync();
        }

        using IAdminClient admin = broker.NewAdmin();
        await admin.DeleteRecordsAsync([new TopicPartitionOffset(topic, 0, 30)], new DeleteRecordsOptions());
        return (topic, options);
    }
}
