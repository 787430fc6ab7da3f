using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using StreamForecaster.SystemTests.Brokers;
using StreamForecaster.SystemTests.Live;
using StreamForecaster.Worker;
using StreamForecaster.Worker.Configuration;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Publishing.Kafka;

namespace StreamForecaster.SystemTests;

/// <summary>Anybody's metrics, sent as the demo tells: <c>kcat -P</c> into the topic, the series on the page, <c>kcat -C</c> on the results.</summary>
[Collection(SystemRun.Name)]
public sealed class ForeignMetricsTests(EmbeddedKafka kafka, Browser browser) : IDisposable
{
    const int Steps = 40;

    readonly string _folder = Directory.CreateTempSubdirectory("streamforecaster-foreign").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Kcat_SendsMetrics_SeriesShowsOnThePage_ResultsAreRead()
    {
        string topic = await kafka.NewTopicAsync(2);
        (string forecasts, string anomalies) = (await kafka.NewTopicAsync(1), await kafka.NewTopicAsync(1));
        await Kcat.RunAsync(kafka, Records(), "-P", "-t", topic, "-K", "|");
        Settings settings = new()
        {
            Kafka = new() { BootstrapServers = kafka.BootstrapServers, Topics = [topic], GroupId = topic, Start = "earliest" },
            Align = new() { Step = TimeSpan.FromSeconds(1) },
            State = new() { Directory = Path.Combine(_folder, "state") },
            Http = new() { Listen = "127.0.0.1:0" },
            Sinks = new()
            {
                Kafka = [new KafkaSinkOptions { ForecastTopic = forecasts, AnomalyTopic = anomalies, EventTopic = anomalies }],
                DeadLetters = new() { Directory = Path.Combine(_folder, "dead") },
            },
        };
        using CancellationTokenSource stop = new();
        await using Daemon daemon = new(
            settings,
            loggers => new KafkaSource(settings.Kafka, TimeProvider.System, loggers.CreateLogger<KafkaSource>()),
            static logging => logging.SetMinimumLevel(LogLevel.Error));
        TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<int> running = daemon.RunAsync(
            () =>
            {
                started.SetResult();
                return Task.CompletedTask;
            },
            stop.Token);
        await started.Task;

        await using (OpenPage open = await browser.OpenAsync(daemon.Page.Address!, 1280, 800, ColorScheme.Light))
        {
            await Assertions.Expect(open.Page.Locator(".row[title='mine.value{host=me}']")).ToBeVisibleAsync(new() { Timeout = 60_000 });
            open.ExpectQuiet();
        }

        await stop.CancelAsync();
        Assert.Equal(0, await running);

        // The first step is the series' probation, the last three wait for the lateness to pass.
        string[] scores = (await Kcat.RunAsync(kafka, "", "-C", "-t", anomalies, "-o", "beginning", "-e", "-q"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Steps - 1 - 3, scores.Length);
        Assert.All(scores, static score => Assert.Equal("mine.value{host=me}", JsonDocument.Parse(score).RootElement.GetProperty("series").GetString()));
        Assert.NotEqual("", await Kcat.RunAsync(kafka, "", "-C", "-t", forecasts, "-o", "beginning", "-e", "-q"));
    }

    static string Records()
    {
        StringBuilder records = new();
        long first = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - Steps;
        for (int step = 0; step < Steps; step++)
        {
            records.Append(CultureInfo.InvariantCulture,
                $$$"""me|{"name":"mine","tags":{"host":"me"},"fields":{"value":{{{40 + (step % 5)}}}},"timestamp":{{{first + step}}}}""").Append('\n');
        }

        return records.ToString();
    }
}
