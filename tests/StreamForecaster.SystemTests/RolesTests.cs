using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using StreamForecaster.Grouping;
using StreamForecaster.SystemTests.Brokers;
using StreamForecaster.Worker;
using StreamForecaster.Worker.Configuration;
using StreamForecaster.Worker.Ingestion;

namespace StreamForecaster.SystemTests;

/// <summary>Processes that do a part of the work: one that writes topics anew by placement, one that trains for others.</summary>
[Collection(SystemRun.Name)]
public sealed class RolesTests(EmbeddedKafka kafka) : IDisposable
{
    static readonly string[] All = ["a", "b", "c"], Lone = ["b"];

    readonly string _folder = Directory.CreateTempSubdirectory("streamforecaster-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Repartition_RecordsOfSeveralHosts_EachHostIsInOnePartition()
    {
        string from = await kafka.NewTopicAsync(3), to = await kafka.NewTopicAsync(3);
        ProduceHosts(from);
        Settings settings = Settings(from) with { Roles = [Role.Repartition], Repartition = new() { From = [from], To = to } };
        await RunAsync(settings, () => Read(to).Count >= 59 + (2 * 29), () => $"{Read(to).Count} records");

        List<ConsumeResult<string, string>> written = Read(to);
        Assert.All(written.Where(record => record.Message.Key is not null).GroupBy(record => record.Message.Key, StringComparer.Ordinal), static host => Assert.Single(host.Select(record => record.Partition).Distinct()));
        Assert.All(written.Where(record => record.Message.Key is not null), static record =>
            Assert.Equal(PlacementKey.PartitionOf(Encoding.UTF8.GetBytes(record.Message.Key), 3), record.Partition.Value));
        string[] points = [.. written.SelectMany(record => record.Message.Value.Split('\n', StringSplitOptions.RemoveEmptyEntries))];
        Assert.Equal((29 * 3) + 30 + 1, points.Distinct(StringComparer.Ordinal).Count());
        Assert.Contains("{\"not\": json", points);
        Assert.Contains(written, record => record.Message.Timestamp.UnixTimestampMs == 1_700_000_007_000L);
    }

    [Fact]
    public async Task Forecast_KeyedTopicWithPointsOfOtherPartitions_TheyAreDeadLettersThatNameTheRemedy()
    {
        string topic = await kafka.NewTopicAsync(3);
        ProduceHosts(topic);
        Settings settings = Settings(topic) with { Series = new() { Placement = SeriesPlacement.Keyed } };
        string dead = settings.Sinks.DeadLetters.Directory;
        string[] Letters() => !Directory.Exists(dead) ? [] : [.. Directory.EnumerateFiles(dead, "*.jsonl").SelectMany(File.ReadLines).Where(static letter => letter.Contains("not-keyed: ", StringComparison.Ordinal))];

        // Each of the 29 records of three hosts is right for one partition in three; so is each of the 30 of one.
        int wrong = Enumerable.Range(0, 60).Where(static i => i != 30)
            .Sum(static i => (i % 2 == 0 ? All : Lone).Count(host => PlacementKey.PartitionOf(Encoding.UTF8.GetBytes(host), 3) != i % 3));
        await RunAsync(settings, () => Letters().Length >= wrong, () => $"{Letters().Length} of {wrong} letters");
        Assert.Equal(wrong, Letters().Length);
        Assert.All(Letters(), static letter => Assert.Contains("series.placementKey", letter, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Train_SamplesOfAnotherProcess_ItsChampionAnswersThere()
    {
        string input = await kafka.NewTopicAsync(2), samples = await kafka.NewTopicAsync(2);
        Settings shared = Settings(input) with
        {
            SamplesTopic = samples,
            Align = new() { Step = TimeSpan.FromSeconds(1) },
            Learn = new() { Model = new() { HiddenSize = 8, Lookback = 16, Horizons = 2 }, BudgetSteps = 120, BatchSize = 16, DutyCycle = 1 },
        };
        using CancellationTokenSource stop = new();
        await using Daemon trainer = Start(shared with { Roles = [Role.Train] });
        Task<int> training = trainer.RunAsync(started: null, stop.Token);
        await using Daemon forecaster = Start(shared with { Roles = [Role.Forecast] });
        Task<int> forecasting = forecaster.RunAsync(started: null, stop.Token);
        ProduceWaves(input);
        await Wait.UntilAsync(
            () => forecaster.Lanes.Hosts.Count > 0 && forecaster.Lanes.Hosts.All(static host => host.Lane.Groups.Any(static group => group.Champion is not null)),
            () => $"trainings {string.Join(' ', trainer.Feed.Health().Groups)}; {string.Join(' ', forecaster.Feed.Health().Groups)}; {forecaster.Feed.Health().Records} records");
        Assert.Empty(trainer.Lanes.Hosts);
        Assert.Equal(0, Assert.Single(forecaster.Feed.Health().Groups).Trainings);
        await stop.CancelAsync();
        Assert.Equal(0, await training);
        Assert.Equal(0, await forecasting);
    }

    // Every record has the points of three hosts, or of one, and is in any partition; one cannot be read.
    void ProduceHosts(string topic)
    {
        using IProducer<byte[], byte[]> producer = kafka.NewProducer();
        for (int i = 0; i < 60; i++)
        {
            string[] hosts = i % 2 == 0 ? All : Lone;
            string text = i == 30 ? "{\"not\": json" : string.Concat(hosts.Select(host => $"m,host={host},k=x value={i} {1_700_000_000 + i}000000000\n"));
            Produce(producer, topic, i % 3, 1_700_000_000 + i, text);
        }

        Assert.Equal(0, producer.Flush(TimeSpan.FromSeconds(30)));
    }

    void ProduceWaves(string topic)
    {
        using IProducer<byte[], byte[]> producer = kafka.NewProducer();
        for (int step = 0; step < 400; step++)
        {
            for (int series = 0; series < 8; series++)
            {
                double value = 10 * Math.Sin((step + (5 * series)) * Math.PI / 8);
                Produce(producer, topic, series % 2, 1_700_000_000 + step, FormattableString.Invariant($"m,host=h{series} value={value} {1_700_000_000 + step}000000000"));
            }
        }

        Assert.Equal(0, producer.Flush(TimeSpan.FromSeconds(30)));
    }

    static void Produce(IProducer<byte[], byte[]> producer, string topic, int partition, long second, string text) =>
        producer.Produce(new TopicPartition(topic, partition), new()
        {
            Value = Encoding.UTF8.GetBytes(text),
            Timestamp = new(second * 1000, TimestampType.CreateTime),
        });

    Settings Settings(string topic) => new()
    {
        Kafka = new() { BootstrapServers = kafka.BootstrapServers, Topics = [topic], GroupId = $"{topic}-group", Start = "earliest" },
        State = new() { Directory = Path.Combine(_folder, "state") },
        Http = new() { Listen = "" },
        Sinks = new() { DeadLetters = new() { Directory = Path.Combine(_folder, topic, "dead") } },
    };

    static Daemon Start(Settings settings) => new(
        settings,
        loggers => new KafkaSource(settings.Kafka, TimeProvider.System, loggers.CreateLogger<KafkaSource>()),
        static logging => logging.SetMinimumLevel(LogLevel.Critical));

    static async Task RunAsync(Settings settings, Func<bool> done, Func<string> otherwise)
    {
        using CancellationTokenSource stop = new();
        await using Daemon daemon = Start(settings);
        Task<int> running = daemon.RunAsync(started: null, stop.Token);
        await Wait.UntilAsync(done, otherwise);
        await stop.CancelAsync();
        Assert.Equal(0, await running);
    }

    List<ConsumeResult<string, string>> Read(string topic)
    {
        ConsumerConfig config = new() { BootstrapServers = kafka.BootstrapServers, GroupId = $"{topic}-read", EnablePartitionEof = true };
        using IConsumer<string, string> consumer = new ConsumerBuilder<string, string>(config).Build();
        List<ConsumeResult<string, string>> read = [];
        for (int partition = 0; partition < 3; partition++)
        {
            consumer.Assign(new TopicPartitionOffset(topic, partition, Offset.Beginning));
            while (consumer.Consume(TimeSpan.FromSeconds(30)) is { IsPartitionEOF: false } record)
            {
                read.Add(record);
            }
        }

        return read;
    }
}
