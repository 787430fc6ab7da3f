using System.CommandLine;
using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using StreamForecaster.Learning;
using StreamForecaster.Models;
using StreamForecaster.State;
using StreamForecaster.SystemTests.Brokers;
using StreamForecaster.Worker;
using StreamForecaster.Worker.Commands;
using StreamForecaster.Worker.Configuration;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.State;
using StreamForecaster.Worker.Training;

namespace StreamForecaster.SystemTests.State;

/// <summary>State in topics of an Apache Kafka: an instance whose disk is empty goes on where another one was.</summary>
[Collection(SystemRun.Name)]
public sealed class StateTopicTests(RealKafka broker) : IDisposable
{
    const int Steps = 60;

    readonly string _folder = Directory.CreateTempSubdirectory("streamforecaster-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Run_WithAnEmptyDisk_GoesOnBitForBit()
    {
        string moved = await broker.NewTopicAsync(1), still = await broker.NewTopicAsync(1);

        // Another machine: nothing of the first one's folder is there.
        string[][] written = await Task.WhenAll(RunTwiceAsync(moved, "another"), RunTwiceAsync(still, "one"));

        Assert.True(written[0].Length > 3 * ((2 * Steps) - 6), $"{written[0].Length} lines");
        Assert.Equal(written[0].Length, written[0].Select(static line => line[..line.LastIndexOf('}')] + line[line.LastIndexOf(' ')..]).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(written[1], written[0]);
    }

    [Fact]
    public void Append_WithALaterOwner_IsRefused()
    {
        Assert.SkipWhen(broker.Missing is not null, broker.Missing ?? "");
        StateTopics topics = new(Kafka("none"), new() { TopicPrefix = broker.Unique("fence"), TopicPartitions = 2 });
        LaneId lane = new("metrics", 3);
        using LaneJournal zombie = new(Path.Combine(_folder, "a"), new(topics, lane, Path.Combine(_folder, "a")));
        zombie.Append(0, JournalKind.Start, "", 1, 0);
        zombie.Append(5, JournalKind.Activate, "cpu", 2, 0);

        using LaneJournal owner = new(Path.Combine(_folder, "b"), new(topics, lane, Path.Combine(_folder, "b")));

        Assert.Throws<LaneTakenException>(() => zombie.Append(6, JournalKind.Idle, "", 1, 1));
        Assert.Equal([1L, 2], owner.History.Select(static entry => entry.Sequence));
        Assert.Equal(zombie.Generation + 1, owner.Generation);
    }

    [Fact]
    public void Compact_OfEveryLaneInAPartition_ShortensTheTopicAndKeepsTheHistories()
    {
        Assert.SkipWhen(broker.Missing is not null, broker.Missing ?? "");
        StateTopics topics = new(Kafka("none"), new() { TopicPrefix = broker.Unique("shorten"), TopicPartitions = 1 });
        LaneId first = new("metrics", 0), second = new("metrics", 1);
        LaneJournal Open(LaneId lane, string name) => new(Path.Combine(_folder, name), new(topics, lane, Path.Combine(_folder, name)));
        using LaneJournal one = Open(first, "one"), two = Open(second, "two");
        one.Append(0, JournalKind.Start, "", 1, 0);
        two.Append(0, JournalKind.Start, "", 1, 0);
        for (int i = 1; i <= 120; i++)
        {
            one.Append(i, JournalKind.Idle, "", i, i);
            two.Append(i, JournalKind.Idle, "", i, i);
        }

        one.Compact(position: 110);
        Assert.InRange(Low(topics.JournalTopic), 0, 3);
        two.Compact(position: 115);
        long low = Low(topics.JournalTopic);
        Assert.True(low > 240, $"the topic begins at {low}");
        two.Append(130, JournalKind.Idle, "", 130, 130);

        using LaneJournal oneAgain = Open(first, "one-again"), twoAgain = Open(second, "two-again");
        Assert.Equal(one.History, oneAgain.History);
        Assert.Equal((long[])[1, .. Enumerable.Range(111, 11)], oneAgain.History.Select(static entry => entry.Sequence));
        Assert.Equal(two.History, twoAgain.History);
        Assert.Equal(130, twoAgain.History[^1].Offset);
    }

    [Fact]
    public void Rewrite_WithALaterOwner_IsRefusedAndDeletesNothing()
    {
        Assert.SkipWhen(broker.Missing is not null, broker.Missing ?? "");
        StateTopics topics = new(Kafka("none"), new() { TopicPrefix = broker.Unique("rewrite"), TopicPartitions = 1 });
        LaneId lane = new("metrics", 0);
        using LaneTopic zombie = new(topics, lane, Path.Combine(_folder, "a"));
        zombie.Append("entry"u8);
        using LaneTopic owner = new(topics, lane, Path.Combine(_folder, "b"));

        Assert.Throws<LaneTakenException>(() => zombie.Rewrite("entry"u8));
        Assert.Equal(0, Low(topics.JournalTopic));
        owner.Rewrite("another"u8);
        Assert.True(Low(topics.JournalTopic) > 0);
    }

    long Low(string topic)
    {
        using IConsumer<Ignore, Ignore> consumer = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig { BootstrapServers = broker.BootstrapServers, GroupId = "low" }).Build();
        return consumer.QueryWatermarkOffsets(new(topic, 0), TimeSpan.FromSeconds(30)).Low.Value;
    }

    [Fact]
    public void Refresh_ModelsOfAnotherProcess_AreInTheStore()
    {
        Assert.SkipWhen(broker.Missing is not null, broker.Missing ?? "");
        StateTopics topics = new(Kafka("none"), new() { TopicPrefix = broker.Unique("models"), TopicPartitions = 1 });
        using ModelTopicMirror up = new(topics, Path.Combine(_folder, "up"), TimeProvider.System);
        using ModelTopicMirror down = new(topics, Path.Combine(_folder, "down"), TimeProvider.System);
        ModelStore store = new(Path.Combine(_folder, "up"), 2, TimeProvider.System, pinned: null, up.Send);
        ModelSpec spec = new ModelOptions { HiddenSize = 4 }.ToSpec(1);
        for (long version = 1; version <= 4; version++)
        {
            store.Add(new("cpu", version, 0, Forecaster.Create(spec, (int)version), new(true, "won", default, null)));
        }

        down.Refresh();

        ModelStore other = new(Path.Combine(_folder, "down"), 2, TimeProvider.System);
        Assert.Equal(4, other.Read("cpu")!.Champion);
        Assert.NotNull(other.Load("cpu", 4));
        using ModelTopicMirror late = new(topics, Path.Combine(_folder, "late"), TimeProvider.System);
        Assert.NotNull(new ModelStore(Path.Combine(_folder, "late"), 2, TimeProvider.System).Load("cpu", 3));
    }

    [Fact]
    public async Task Open_TopicThatIsNotAsItMustBe_IsOneLine()
    {
        Assert.SkipWhen(broker.Missing is not null, broker.Missing ?? "");
        string prefix = broker.Unique("wrong");
        await broker.CreateTopicAsync($"{prefix}-state", 1);

        InvalidOperationException refused = Assert.Throws<InvalidOperationException>(() => new StateTopics(Kafka("none"), new() { TopicPrefix = prefix, TopicPartitions = 1 }));

        Assert.Equal($"topic {prefix}-state has cleanup.policy delete and 1 partitions; state.store needs compact and 1 (state.topicPartitions).", refused.Message);
    }

    async Task<string[]> RunTwiceAsync(string topic, string then)
    {
        Produce(topic, 0, Steps);
        await RunAsync(topic, "one", Steps);
        Produce(topic, Steps, 2 * Steps);
        await RunAsync(topic, then, Steps);
        await LookAsync(topic);
        return Lines(topic);
    }

    // From outside, by the commands: the settings name the topics.
    async Task LookAsync(string topic)
    {
        string file = Path.Combine(_folder, $"{topic}.json");
        await File.WriteAllTextAsync(file, $$"""{ "kafka": { "bootstrapServers": "{{broker.BootstrapServers}}" }, "state": { "topicPrefix": "{{topic}}", "topicPartitions": 2 } }""");
        (int code, string output) = await CommandAsync(SnapshotCommand.Create(), "verify", "topics", "--config", file);
        Assert.Equal(0, code);
        Assert.Contains($"offset {2 * Steps}, 1 series", output, StringComparison.Ordinal);
        Assert.EndsWith("all can be read\n", output, StringComparison.Ordinal);
        (code, output) = await CommandAsync(SnapshotCommand.Create(), "inspect", "topics", "--config", file);
        Assert.Equal(0, code);
        Assert.Contains("  offset      " + $"{2 * Steps}\n  lane time   2023-11-14 ", output, StringComparison.Ordinal);
        Assert.Contains("  series      1, 0 of them on probation\n  group m: 1 series, model version 0 ", output, StringComparison.Ordinal);
        (code, output) = await CommandAsync(ValidateCommand.Create(), "--against", "topics", "--config", file);
        Assert.Equal(0, code);
        Assert.Contains("m/align: starts anew for 1 series", output, StringComparison.Ordinal);
    }

    static async Task<(int Code, string Output)> CommandAsync(Command command, params string[] arguments)
    {
        StringWriter output = new();
        int code = await command.Parse(arguments).InvokeAsync(new() { Output = output, Error = output }, TestContext.Current.CancellationToken);
        return (code, output.ToString());
    }

    string[] Lines(string topic) =>
        [.. Directory.GetFiles(Path.Combine(_folder, topic, "results"), "*.lp").SelectMany(File.ReadAllLines).Order(StringComparer.Ordinal)];

    KafkaOptions Kafka(string topic) => new()
    {
        BootstrapServers = broker.BootstrapServers,
        Topics = [topic],
        GroupId = $"{topic}-group",
        Start = "earliest",
        CommitInterval = TimeSpan.FromMilliseconds(200),
    };

    async Task RunAsync(string topic, string instance, int records)
    {
        Settings settings = new()
        {
            Kafka = Kafka(topic),
            Align = new() { Step = TimeSpan.FromSeconds(1) },
            Learn = new() { Training = TrainingMode.Off },
            State = new()
            {
                Directory = Path.Combine(_folder, topic, $"{instance}-state"),
                Store = StateStore.Topic,
                TopicPrefix = topic,
                TopicPartitions = 2,
            },
            Http = new() { Listen = "" },
            Sinks = new()
            {
                Files = [new() { Name = "out", Directory = Path.Combine(_folder, topic, "results") }],
                DeadLetters = new() { Directory = Path.Combine(_folder, topic, "dead") },
            },
        };
        using CancellationTokenSource stop = new();
        await using Daemon daemon = new(
            settings,
            loggers => new KafkaSource(settings.Kafka, TimeProvider.System, loggers.CreateLogger<KafkaSource>()),
            static logging => logging.SetMinimumLevel(LogLevel.Critical));
        Task<int> running = daemon.RunAsync(started: null, stop.Token);
        await Wait.UntilAsync(
            () => daemon.Lanes.Hosts.Sum(static host => host.Lane.Counters.Records) >= records,
            () => $"{daemon.Lanes.Hosts.Sum(static host => host.Lane.Counters.Records)} of {records} records");
        await stop.CancelAsync();
        Assert.Equal(0, await running);
    }

    void Produce(string topic, int from, int to)
    {
        using IProducer<byte[], byte[]> producer = broker.NewProducer();
        for (int step = from; step < to; step++)
        {
            long second = 1_700_000_000 + step;
            producer.Produce(new TopicPartition(topic, 0), new()
            {
                Value = Encoding.UTF8.GetBytes($"m,host=h value={10 * Math.Sin(step / 5.0):F4} {second}000000000"),
                Timestamp = new(second * 1000, TimestampType.CreateTime),
            });
        }

        Assert.Equal(0, producer.Flush(TimeSpan.FromSeconds(30)));
    }
}
