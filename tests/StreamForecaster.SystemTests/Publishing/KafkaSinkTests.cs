using System.Diagnostics.Metrics;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using StreamForecaster.Publishing;
using StreamForecaster.SystemTests.Brokers;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Publishing;
using StreamForecaster.Worker.Publishing.Kafka;
using StreamForecaster.Worker.Tests.Publishing;

namespace StreamForecaster.SystemTests.Publishing;

/// <summary>The Kafka sinks on the built-in broker.</summary>
[Collection(SystemRun.Name)]
public sealed class KafkaSinkTests(EmbeddedKafka broker) : IDisposable
{
    readonly Meter _meter = new("StreamForecaster");
    readonly RecordingSink _deadLetters = new();

    public void Dispose() => _meter.Dispose();

    [Fact]
    public async Task Write_Results_AreInTheirTopicsKeyedBySeries()
    {
        KafkaSinkOptions options = await OptionsAsync();
        SeriesLabels[] series = [.. Enumerable.Range(0, 10).Select(i => Results.Series("kafka", i))];
        await using (KafkaSink sink = new(options, source: null, Context(), _deadLetters))
        {
            for (int step = 0; step < 50; step++)
            {
                sink.Enqueue(Results.Step(series, step));
            }

            await sink.FlushAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(1000, Read(broker.BootstrapServers, options.ForecastTopic, 1000).Count);
        List<Message<string, string>> scores = Read(broker.BootstrapServers, options.AnomalyTopic, 500);
        foreach (IGrouping<string, Message<string, string>> one in scores.GroupBy(score => score.Key, StringComparer.Ordinal))
        {
            long[] times = [.. one.Select(score => JsonDocument.Parse(score.Value).RootElement.GetProperty("time").GetInt64())];
            Assert.Equal(50, times.Length);
            Assert.Equal(times.Order(), times);
        }

        Assert.Equal(series.Select(labels => labels.Display).Order(), scores.Select(score => score.Key).Distinct().Order());
    }

    [Fact]
    public async Task Write_BrokerAwayForAWhile_IsUnhealthyThenEachMessageIsThere()
    {
        using EmbeddedBroker own = new();
        own.CreateTopic("f", 2);
        own.CreateTopic("a", 2);
        KafkaSinkOptions options = new() { BootstrapServers = own.BootstrapServers, ForecastTopic = "f", AnomalyTopic = "a" };
        SeriesLabels[] series = [Results.Series("kafka", 0)];
        await using KafkaSink sink = new(options, source: null, Context(), _deadLetters);
        sink.Enqueue(Results.Step(series, 0));
        await sink.FlushAsync(TestContext.Current.CancellationToken);
        own.SetUp(up: false);
        for (int step = 1; step < 100; step++)
        {
            sink.Enqueue(Results.Step(series, step));
        }

        await Wait.UntilAsync(() => !sink.Healthy, () => "the sink is unhealthy");
        own.SetUp(up: true);
        await sink.FlushAsync(TestContext.Current.CancellationToken);
        await Wait.UntilAsync(() => sink.Healthy, () => $"healthy again: {sink.Trouble}");
        Assert.Equal(
            200, Read(own.BootstrapServers, "f", 200).Select(message => (message.Key, message.Value)).Distinct().Count());
    }

    [Fact]
    public async Task Write_BrokerAway_WaitsInTheSpoolOverARestartAndIsDrainedInOrder()
    {
        using EmbeddedBroker own = new();
        own.CreateTopic("f", 1);
        own.CreateTopic("a", 1);
        string folder = Directory.CreateTempSubdirectory("streamforecaster-").FullName;
        KafkaSinkOptions options = new()
        {
            BootstrapServers = own.BootstrapServers,
            ForecastTopic = "f",
            AnomalyTopic = "a",
            Spool = new() { Directory = folder, After = TimeSpan.Zero },
        };
        SeriesLabels[] series = [Results.Series("kafka", 0)];
        own.SetUp(up: false);
        await using (KafkaSink sink = new(options, source: null, Context(), _deadLetters))
        {
            for (int step = 0; step < 100; step++)
            {
                sink.Enqueue(Results.Step(series, step));
            }

            await sink.FlushAsync(TestContext.Current.CancellationToken);
            Assert.True(sink.SpoolBytes > 0);
        }

        own.SetUp(up: true);
        await using KafkaSink again = new(options, source: null, Context(), _deadLetters);
        await Wait.UntilAsync(() => again.SpoolBytes == 0, () => $"{again.SpoolBytes} bytes in the spool, {again.Trouble}");
        long[] times = [.. Read(own.BootstrapServers, "a", 100).Select(score => JsonDocument.Parse(score.Value).RootElement.GetProperty("time").GetInt64())];
        Assert.Equal(times.Distinct().Order(), times);
        Assert.Equal(100, times.Length);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Write_MessageTooLarge_IsADeadLetterAndTheBatchIsAcknowledged()
    {
        KafkaSinkOptions options = await OptionsAsync() with
        {
            Client = new Dictionary<string, string>(StringComparer.Ordinal) { ["message.max.bytes"] = "2000" },
        };
        ResultBatch batch = new() { Lane = new("metrics", 0) };
        batch.Messages.Append(Encoding.UTF8.GetBytes($"f\tkey\t{{\"text\":\"{new string('x', 3000)}\"}}\na\tkey\t{{}}\n"));
        batch.Await(1);
        await using KafkaSink sink = new(options, source: null, Context(), _deadLetters);
        sink.Enqueue(batch);
        await sink.FlushAsync(TestContext.Current.CancellationToken);
        string letter = Assert.Single(_deadLetters.Batches(new("rejected.kafka.default", 0))).DeadLetters;
        Assert.Contains("too large", letter, StringComparison.OrdinalIgnoreCase);
        Assert.Single(Read(broker.BootstrapServers, options.AnomalyTopic, 1));
    }

    [Fact]
    public async Task DeadLetters_OfABatch_AreInTheirTopic()
    {
        string topic = await broker.NewTopicAsync(1);
        ResultBatch batch = new() { Lane = new("metrics", 0), DeadLetterCount = 2 };
        batch.DeadLetters.Append("{\"reason\":\"a\"}\n{\"reason\":\"b\"}\n"u8);
        batch.Await(1);
        KafkaOptions source = new() { BootstrapServers = broker.BootstrapServers };
        await using KafkaDeadLetterSink sink = new(topic, new(), source, Context());
        sink.Enqueue(batch);
        await sink.FlushAsync(TestContext.Current.CancellationToken);
        Assert.Equal(
            ["{\"reason\":\"a\"}", "{\"reason\":\"b\"}"], Read(broker.BootstrapServers, topic, 2).Select(message => message.Value));
    }

    static List<Message<string, string>> Read(string servers, string topic, int count)
    {
        ConsumerConfig config = new() { BootstrapServers = servers, GroupId = topic, AutoOffsetReset = AutoOffsetReset.Earliest };
        using IConsumer<string, string> consumer = new ConsumerBuilder<string, string>(config).Build();
        consumer.Subscribe(topic);
        List<Message<string, string>> messages = [];
        for (int empty = 0; empty < 30 && (messages.Count < count || empty < 1);)
        {
            if (consumer.Consume(TimeSpan.FromMilliseconds(500)) is { } consumed)
            {
                messages.Add(consumed.Message);
            }
            else
            {
                empty++;
            }
        }

        return messages;
    }

    async Task<KafkaSinkOptions> OptionsAsync() => new()
    {
        BootstrapServers = broker.BootstrapServers,
        ForecastTopic = await broker.NewTopicAsync(2),
        AnomalyTopic = await broker.NewTopicAsync(2),
    };

    SinkContext Context() => new() { Meter = _meter };
}
