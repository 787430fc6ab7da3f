using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using StreamForecaster.SystemTests.Brokers;
using StreamForecaster.Worker;
using StreamForecaster.Worker.Configuration;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Live;

namespace StreamForecaster.SystemTests.Live;

/// <summary>What a running daemon tells of its learning, on the page.</summary>
[Collection(SystemRun.Name)]
public sealed class DaemonPageTests(EmbeddedKafka kafka, Browser browser) : IDisposable
{
    const int Steps = 130;
    const int Series = 4;

    readonly string _folder = Directory.CreateTempSubdirectory("streamforecaster-page").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Page_OfRandomWalks_ShowsTheBandsAndWhyTheChallengerWasRefused()
    {
        string topic = await kafka.NewTopicAsync(1);
        ProduceRandomWalks(topic);
        Settings settings = new()
        {
            Kafka = new() { BootstrapServers = kafka.BootstrapServers, Topics = [topic], GroupId = topic, Start = "earliest" },
            Align = new() { Step = TimeSpan.FromSeconds(1) },
            Learn = new() { Model = new() { HiddenSize = 4, Lookback = 16, Horizons = 2 }, BatchSize = 16, DutyCycle = 1 },
            State = new() { Directory = _folder },
            Http = new() { Listen = "127.0.0.1:0" },
            Sinks = new() { DeadLetters = new() { Directory = Path.Combine(_folder, "dead") } },
        };
        using CancellationTokenSource stop = new();
        await using Daemon daemon = new(
            settings,
            loggers => new KafkaSource(settings.Kafka, TimeProvider.System, loggers.CreateLogger<KafkaSource>()),
            static logging => logging.SetMinimumLevel(LogLevel.Critical));
        Task<int> running = daemon.RunAsync(started: null, stop.Token);
        await Wait.UntilAsync(
            () => daemon.Page.Address is not null && daemon.Feed.Health() is { Records: Steps * Series, Groups: [{ Verdict: not null, Bands: not null }] },
            () => daemon.Feed.Health().ToString());

        await using OpenPage open = await browser.OpenAsync(daemon.Page.Address!, 1280, 800, ColorScheme.Light);
        BandFigures bands = daemon.Feed.Health().Groups[0].Bands!;
        await Assertions.Expect(open.Page.Locator(".group small")).ToContainTextAsync(
            FormattableString.Invariant($"bands hold {100 * bands.Coverage:F1} %, width {bands.Width:0.##}, interval score {bands.IntervalScore:0.##}"), new() { Timeout = 60_000 });
        await Assertions.Expect(open.Page.Locator(".group .gate")).ToContainTextAsync(
            "kept the champion, as the challenger does not clearly beat the last value by 1 % on recent windows (ratio ");
        open.ExpectQuiet();

        await stop.CancelAsync();
        Assert.Equal(0, await running);
    }

    // There is nothing to learn: no challenger can win.
    void ProduceRandomWalks(string topic)
    {
        using IProducer<byte[], byte[]> producer = kafka.NewProducer();
        Random random = new(1);
        double[] values = new double[Series];
        for (int step = 0; step < Steps; step++)
        {
            for (int series = 0; series < Series; series++)
            {
                long second = 1_700_000_000 + step;
                values[series] += random.NextDouble() - 0.5;
                string text = FormattableString.Invariant($"walk,host=h{series} value={values[series]:F4} {second}000000000");
                producer.Produce(new TopicPartition(topic, 0), new() { Value = Encoding.UTF8.GetBytes(text), Timestamp = new(second * 1000, TimestampType.CreateTime) });
            }
        }

        Assert.Equal(0, producer.Flush(TimeSpan.FromSeconds(30)));
    }
}
