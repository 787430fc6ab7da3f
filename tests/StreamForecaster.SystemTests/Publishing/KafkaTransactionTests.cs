using System.Diagnostics.Metrics;
using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using StreamForecaster.SystemTests.Brokers;
using StreamForecaster.Worker;
using StreamForecaster.Worker.Configuration;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Publishing;
using StreamForecaster.Worker.Publishing.Kafka;
using StreamForecaster.Worker.Tests.Publishing;

namespace StreamForecaster.SystemTests.Publishing;

/// <summary>Results exactly once, on an Apache Kafka: what a <c>read_committed</c> reader sees after faults.</summary>
[Collection(SystemRun.Name)]
public sealed class KafkaTransactionTests(RealKafka broker) : IDisposable
{
    readonly Meter _meter = new("StreamForecaster");
    readonly string _folder = Directory.CreateTempSubdirectory("streamforecaster-").FullName;

    public void Dispose()
    {
        _meter.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Commit_OwnerThatHangsBetweenMessagesAndCommit_IsFencedAndItsMessagesAreNeverSeen()
    {
        string input = await broker.NewTopicAsync(1);
        string output = await broker.NewTopicAsync(1);
        KafkaOptions source = new() { BootstrapServers = broker.BootstrapServers, GroupId = $"{input}-group" };
        using IConsumer<Ignore, Ignore> member = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig
        {
            BootstrapServers = broker.BootstrapServers,
            GroupId = source.GroupId,
        }).Build();
        LaneId lane = new(input, 0);
        using ManualResetEventSlim hangs = new(), goesOn = new();
        await using KafkaTransactionSink zombie = Sink(output, source, member);
        zombie.BeforeCommitting = _ =>
        {
            hangs.Set();
            goesOn.Wait(TimeSpan.FromSeconds(60));
        };
        zombie.Claim(lane);
        (ResultBatch lost, Task never) = Batch(lane, 0, 10);
        zombie.Enqueue(lost);
        await Wait.UntilAsync(() => hangs.IsSet, () => $"{zombie.Trouble}");

        await using KafkaTransactionSink owner = Sink(output, source, member);
        owner.Claim(lane);
        foreach (int first in new[] { 0, 10 })
        {
            (ResultBatch batch, Task acknowledged) = Batch(lane, first, 10);
            owner.Enqueue(batch);
            await acknowledged.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        }

        goesOn.Set();
        await Wait.UntilAsync(() => zombie.Trouble is not null, () => "the zombie is told");
        Assert.False(never.IsCompleted);
        Assert.Equal(Enumerable.Range(0, 20).Select(static i => $"{{\"n\":{i}}}"), Read(output, 20, IsolationLevel.ReadCommitted));
        Assert.True(Read(output, 30, IsolationLevel.ReadUncommitted).Count >= 30);
        Assert.Equal(20, member.Committed([new(input, 0)], TimeSpan.FromSeconds(30))[0].Offset.Value);
    }

    [Fact]
    public async Task Run_ProcessThatDiesBetweenMessagesAndCommit_EveryResultIsThereOnce()
    {
        const int Steps = 120;
        string input = await broker.NewTopicAsync(2);
        string output = await broker.NewTopicAsync(2);
        Settings settings = new()
        {
            Kafka = new() { BootstrapServers = broker.BootstrapServers, Topics = [input], GroupId = $"{input}-group", Start = "earliest" },
            Align = new() { Step = TimeSpan.FromSeconds(1) },
            State = new() { Directory = Path.Combine(_folder, "state") },
            Http = new() { Listen = "" },
            Runtime = new() { FlushFor = TimeSpan.FromSeconds(1) },
            Sinks = new()
            {
                Kafka = [new() { Delivery = Delivery.ExactlyOnce, ForecastTopic = output, AnomalyTopic = output, EventTopic = output }],
                DeadLetters = new() { Directory = Path.Combine(_folder, "dead") },
            },
        };
        Produce(input, 0, Steps / 2);

        // It dies while it hangs: what it holds is never committed. Its place in the group is free after it has left.
        using ManualResetEventSlim hangs = new(), end = new();
        int commits = 0;
        using CancellationTokenSource dead = new();
        Daemon first = Start(settings);
        first.Sinks.OfType<KafkaTransactionSink>().Single().BeforeCommitting = _ =>
        {
            if (Interlocked.Increment(ref commits) > 4)
            {
                hangs.Set();
                end.Wait(TimeSpan.FromSeconds(60));
                throw new KafkaException(ErrorCode.Local_Fatal);
            }
        };
        Task<int> dying = first.RunAsync(started: null, dead.Token);
        for (int step = Steps / 2; step < Steps && !hangs.IsSet; step += 5)
        {
            Produce(input, step, step + 5);
            await Wait.UntilAsync(() => hangs.IsSet || first.Lanes.Hosts.Sum(static host => host.Lane.Counters.Records) >= 2 * step, () => $"{commits} commits");
        }

        await Wait.UntilAsync(() => hangs.IsSet, () => $"{commits} commits");
        Produce(input, 0, Steps);

        using CancellationTokenSource stop = new();
        await using Daemon second = Start(settings);
        Task<int> running = second.RunAsync(started: null, stop.Token);
        await dead.CancelAsync();
        end.Set();
        await dying;
        await first.DisposeAsync();
        await Wait.UntilAsync(() => Committed(settings.Kafka.GroupId, input) == End(input), () => $"{Committed(settings.Kafka.GroupId, input)} of {End(input)}; "
            + string.Join("; ", second.Sinks.Select(static sink => $"{sink.Name} {sink.Trouble}").Concat(second.Lanes.Hosts.Select(static host => $"{host.Lane.Id} {host.State} at {host.Lane.Position}, {host.Committable}"))));
        await stop.CancelAsync();
        Assert.Equal(0, await running);

        List<string> seen = Read(output, int.MaxValue, IsolationLevel.ReadCommitted);
        Assert.Equal(seen.Count, seen.Distinct(StringComparer.Ordinal).Count());
        Assert.True(seen.Count >= 2 * 3 * (Steps - 4), $"{seen.Count} results");
    }

    static Daemon Start(Settings settings) => new(
        settings,
        loggers => new KafkaSource(settings.Kafka, TimeProvider.System, loggers.CreateLogger<KafkaSource>()),
        static logging => logging.SetMinimumLevel(LogLevel.Critical));

    KafkaTransactionSink Sink(string topic, KafkaOptions source, IConsumer<Ignore, Ignore> member) => new(
        new() { ForecastTopic = topic, AnomalyTopic = topic, EventTopic = topic }, source, () => member.ConsumerGroupMetadata,
        new() { Meter = _meter }, new RecordingSink());

    static (ResultBatch Batch, Task Acknowledged) Batch(LaneId lane, int first, int count)
    {
        ResultBatch batch = new() { Lane = lane, FromOffset = first, UpToOffset = first + count };
        for (int i = first; i < first + count; i++)
        {
            batch.Messages.Append(Encoding.UTF8.GetBytes($"f\tkey\t{{\"n\":{i}}}\n"));
        }

        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        batch.Acknowledged = _ => done.SetResult();
        batch.Await(1);
        return (batch, done.Task);
    }

    // A point of each of two series a second, one in each partition.
    void Produce(string topic, int from, int to)
    {
        using IProducer<byte[], byte[]> producer = broker.NewProducer();
        for (int step = from; step < to; step++)
        {
            for (int series = 0; series < 2; series++)
            {
                long second = 1_700_000_000 + step;
                producer.Produce(new TopicPartition(topic, series), new()
                {
                    Value = Encoding.UTF8.GetBytes($"m,host=h{series} value={10 * Math.Sin(step / 5.0):F4} {second}000000000"),
                    Timestamp = new(second * 1000, TimestampType.CreateTime),
                });
            }
        }

        Assert.Equal(0, producer.Flush(TimeSpan.FromSeconds(30)));
    }

    long Committed(string group, string topic)
    {
        using IConsumer<Ignore, Ignore> asking = Consumer(group, IsolationLevel.ReadCommitted);
        return asking.Committed([new(topic, 0), new(topic, 1)], TimeSpan.FromSeconds(30)).Sum(static offset => Math.Max(0, offset.Offset.Value));
    }

    long End(string topic)
    {
        using IConsumer<Ignore, Ignore> asking = Consumer("none", IsolationLevel.ReadCommitted);
        return Enumerable.Range(0, 2).Sum(p => asking.QueryWatermarkOffsets(new(topic, p), TimeSpan.FromSeconds(30)).High.Value);
    }

    IConsumer<Ignore, Ignore> Consumer(string group, IsolationLevel isolation) => new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig
    {
        BootstrapServers = broker.BootstrapServers,
        GroupId = group,
        IsolationLevel = isolation,
    }).Build();

    List<string> Read(string topic, int count, IsolationLevel isolation)
    {
        ConsumerConfig config = new()
        {
            BootstrapServers = broker.BootstrapServers,
            GroupId = $"{topic}-{isolation}",
            IsolationLevel = isolation,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnablePartitionEof = true,
        };
        using IConsumer<byte[], string> consumer = new ConsumerBuilder<byte[], string>(config).Build();
        List<string> values = [];
        foreach (int partition in PartitionsOf(topic))
        {
            consumer.Assign(new TopicPartitionOffset(topic, partition, Offset.Beginning));
            while (values.Count < count && consumer.Consume(TimeSpan.FromSeconds(30)) is { IsPartitionEOF: false } consumed)
            {
                values.Add($"{consumed.Message.Value}");
            }
        }

        return values;
    }

    IEnumerable<int> PartitionsOf(string topic)
    {
        using IAdminClient admin = broker.NewAdmin();
        return [.. admin.GetMetadata(topic, TimeSpan.FromSeconds(30)).Topics[0].Partitions.Select(static partition => partition.PartitionId)];
    }
}
