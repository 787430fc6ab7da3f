using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using StreamForecaster.SystemTests.Brokers;
using StreamForecaster.SystemTests.Databases;
using StreamForecaster.Worker;
using StreamForecaster.Worker.Configuration;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Publishing.Influx;

namespace StreamForecaster.SystemTests;

/// <summary>The whole daemon between a broker and a database: every step's results are there once, also after a second run.</summary>
[Collection(SystemRun.Name)]
public sealed class DaemonTests(EmbeddedKafka kafka, InfluxServer influx, VictoriaServer victoria) : IDisposable
{
    const int Series = 6;
    const int Steps = 60;

    // The last three steps are not closed: lane time has not passed their ends and the lateness. The first closed one of a series is
    // its probation.
    const int Closed = Steps - 3 - 1;

    readonly string _folder = Directory.CreateTempSubdirectory("streamforecaster-daemon").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public Task Run_TwiceIntoInflux_EveryStepIsThereOnce() => RunTwiceAsync(influx, InfluxApi.V1, "daemon_influx");

    [Fact]
    public Task Run_TwiceIntoVictoria_EveryStepIsThereOnce() => RunTwiceAsync(victoria, InfluxApi.V2, "daemon_victoria");

    async Task RunTwiceAsync(Database database, InfluxApi api, string name)
    {
        Assert.SkipWhen(database.Missing is not null, database.Missing ?? "");
        await database.CreateAsync(name);
        await kafka.CreateTopicAsync(name, 2);
        await ProduceAsync(name);
        for (int run = 1; run <= 2; run++)
        {
            await RunAsync(database, api, name, run);
            IReadOnlyDictionary<string, long> scores = new Dictionary<string, long>(), forecasts = scores;

            // What a database has accepted it may show a little later.
            await Wait.UntilAsync(
                async () =>
                {
                    scores = Own(await database.CountsAsync(name, "anomaly", "anomaly_score"), name);
                    forecasts = Own(await database.CountsAsync(name, "forecast", "yhat"), name);
                    return scores.Values.Sum() >= Series * Closed && forecasts.Values.Sum() >= 2 * Series * Closed;
                },
                () => $"{scores.Count} series scored, {forecasts.Count} forecast");
            Assert.Equal(Series, scores.Count);
            Assert.All(scores.Values, static count => Assert.Equal(Closed, count));
            Assert.Equal(2 * Series, forecasts.Count);
            Assert.All(forecasts.Values, static count => Assert.Equal(Closed, count));
        }
    }

    async Task RunAsync(Database database, InfluxApi api, string name, int run)
    {
        Settings settings = new()
        {
            Kafka = new() { BootstrapServers = kafka.BootstrapServers, Topics = [name], GroupId = $"{name}-{run}", Start = "earliest" },
            Align = new() { Step = TimeSpan.FromSeconds(1) },
            State = new() { Directory = Path.Combine(_folder, $"state-{run}") },
            Http = new() { Listen = "" },
            Sinks = new()
            {
                Influx = [new InfluxOptions { Name = name, Url = database.Url, Api = api, Bucket = name, Token = "none" }],
                DeadLetters = new() { Directory = Path.Combine(_folder, "dead") },
            },
        };
        using CancellationTokenSource stop = new();
        await using Daemon daemon = new(
            settings,
            loggers => new KafkaSource(settings.Kafka, TimeProvider.System, loggers.CreateLogger<KafkaSource>()),
            static logging => logging.SetMinimumLevel(LogLevel.Error));
        Task<int> running = daemon.RunAsync(started: null, stop.Token);
        await Wait.UntilAsync(
            () => daemon.Lanes.Hosts.Sum(static host => host.Lane.Counters.Records) == Series * Steps,
            () => $"{daemon.Lanes.Hosts.Sum(static host => host.Lane.Counters.Records)} of {Series * Steps} records");
        await stop.CancelAsync();
        Assert.Equal(0, await running);
        Assert.Equal(Series * Closed * 3, daemon.Lanes.Closed.Sum(static lane => lane.Lines));
    }

    async Task ProduceAsync(string topic)
    {
        using IProducer<string, byte[]> producer = new ProducerBuilder<string, byte[]>(
            new ProducerConfig { BootstrapServers = kafka.BootstrapServers }).Build();
        for (int step = 0; step < Steps; step++)
        {
            for (int series = 0; series < Series; series++)
            {
                long second = 1_700_000_000 + step;
                string payload = string.Create(CultureInfo.InvariantCulture,
                    $$"""{"fields":{"value":{{series + Math.Sin(step / 5.0):F4}}},"name":"{{topic}}","tags":{"host":"h{{series}}"},"timestamp":{{second}}}""");
                Message<string, byte[]> message = new()
                {
                    Key = $"h{series}",
                    Value = Encoding.UTF8.GetBytes(payload),
                    Timestamp = new(second * 1000, TimestampType.CreateTime),
                };
                await producer.ProduceAsync(new TopicPartition(topic, series % 2), message);
            }
        }
    }

    // VictoriaMetrics has one database for all tests.
    static Dictionary<string, long> Own(IReadOnlyDictionary<string, long> counts, string name) =>
        counts.Where(count => count.Key.Contains($"series={name}.", StringComparison.Ordinal)).ToDictionary(StringComparer.Ordinal);
}
