using System.Text;
using Confluent.Kafka;
using StreamForecaster.SystemTests.Brokers;
using StreamForecaster.Worker.Publishing.Kafka;
using StreamForecaster.Worker.State;

namespace StreamForecaster.SystemTests.Faults;

/// <summary>Results in a topic, one transaction with their offsets: a <c>read_committed</c> reader sees each once, however often the process is
/// killed, with its state in a folder or in topics and nothing on the disk.</summary>
[Collection(SystemRun.Name)]
public sealed class ExactlyOnceTests(RealKafka kafka)
{
    const int Partitions = 4;

    [Fact]
    public Task Kill_WithTransactions_EachResultIsSeenOnce() => RunAsync("kafka-short", series: 100, kills: 2, stepsPerLife: 15, StateStore.Folder);

    [LongFact("kafka")]
    public Task Kill_TwentyTimesWithTransactions_EachResultIsSeenOnce() => RunAsync("kafka", series: 1000, kills: 20, stepsPerLife: 20, StateStore.Folder);

    [LongFact("kafka")]
    public Task Kill_TwentyTimesWithAnEmptyDisk_EachResultIsSeenOnce() => RunAsync("kafka-topics", series: 1000, kills: 20, stepsPerLife: 20, StateStore.Topic);

    async Task RunAsync(string name, int series, int kills, int stepsPerLife, StateStore store)
    {
        const int Seed = 80;
        Assert.SkipWhen(kafka.Missing is not null, kafka.Missing ?? "");
        string output = await kafka.NewTopicAsync(Partitions);
        await using FaultRun run = new(kafka, Partitions, name)
        {
            Change = (slot, settings) => settings with
            {
                // What is expected is counted: two results a step and series.
                Cohorts = new() { By = [] },
                Kafka = settings.Kafka with { InstanceId = $"{settings.Kafka.GroupId}-{slot}", IdleAfter = TimeSpan.FromHours(1) },
                State = settings.State with { Store = store, TopicPrefix = settings.Kafka.GroupId, TopicPartitions = Partitions },
                Sinks = settings.Sinks with
                {
                    Influx = [],
                    Kafka =
                    [
                        new KafkaSinkOptions
                        {
                            Delivery = Delivery.ExactlyOnce, ForecastTopic = output, AnomalyTopic = output, EventTopic = output,
                        },
                    ],
                },
            },
        };
        await run.OpenAsync();
        using CancellationTokenSource end = new();
        Producing stream = new(kafka, new(Seed, run.Topic, Partitions, series, groups: 4), TimeSpan.FromMilliseconds(50));
        Task producing = stream.RunAsync(end.Token);
        Random random = new(Seed);
        for (int kill = 1; kill <= kills; kill++)
        {
            stream.UpTo(kill * stepsPerLife);
            long before = Written(output);
            run.Start(0);
            await run.UntilAsync(() => run.Processes[0]!.Owns > 0 && Written(output) > before, "something new in the topic");
            await Task.Delay(random.Next(1500), TestContext.Current.CancellationToken);
            run.Processes[0]!.Kill();
            if (store == StateStore.Topic && Directory.Exists(run.StateFolder))
            {
                Directory.Delete(run.StateFolder, recursive: true);
            }
        }

        stream.UpTo((kills + 1) * stepsPerLife);
        run.Start(0);
        await stream.ReachedAsync((kills + 1) * stepsPerLife);
        await run.CommittedAsync();
        await run.StopAsync(0);
        await end.CancelAsync();
        await producing;
        (int seen, int twice, int events) = Read(output);
        LongRun.Say(name, $"seed {Seed}: {(long)stream.Written * series} records, {kills} kills, state in a {store}: {seen} results seen, {twice} twice, {events} messages of events");
        Assert.Equal(0, twice);

        // The last two steps are not closed, and the first one of a series is its probation.
        Assert.Equal(2 * series * (stream.Written - 3), seen);
    }

    long Written(string topic)
    {
        using IConsumer<byte[], byte[]> consumer = NewReader();
        return Enumerable.Range(0, Partitions).Sum(p => consumer.QueryWatermarkOffsets(new(topic, p), TimeSpan.FromSeconds(30)).High.Value);
    }

    // A score or forecast is known by what it says, whole. An event is told again whenever it changes, if only in what is not in the message.
    (int Seen, int Twice, int Events) Read(string topic)
    {
        using IConsumer<byte[], byte[]> consumer = NewReader();
        consumer.Assign(Enumerable.Range(0, Partitions).Select(p => new TopicPartitionOffset(topic, p, Offset.Beginning)));
        HashSet<string> seen = new(StringComparer.Ordinal);
        int twice = 0, ends = 0, events = 0;
        while (ends < Partitions && consumer.Consume(TimeSpan.FromSeconds(30)) is { } result)
        {
            if (result.IsPartitionEOF)
            {
                ends++;
            }
            else if (result.Message.Value.AsSpan().IndexOf("\"end_time\""u8) >= 0)
            {
                events++;
            }
            else if (!seen.Add(Encoding.UTF8.GetString(result.Message.Value)))
            {
                twice++;
            }
        }

        Assert.Equal(Partitions, ends);
        return (seen.Count, twice, events);
    }

    IConsumer<byte[], byte[]> NewReader() => new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig
    {
        BootstrapServers = kafka.BootstrapServers,
        GroupId = "reader",
        IsolationLevel = IsolationLevel.ReadCommitted,
        EnablePartitionEof = true,
        EnableAutoCommit = false,
    }).Build();
}
