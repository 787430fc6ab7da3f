using System.CommandLine;
using Microsoft.Extensions.Logging;
using StreamForecaster.Worker.Configuration;
using StreamForecaster.Worker.Demo;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Ingestion.Host;
using StreamForecaster.Worker.Live;

namespace StreamForecaster.Worker.Commands;

/// <summary><c>demo</c>: the production pipeline on librdkafka's built-in broker, fed with this machine's own metrics.</summary>
public static class DemoCommand
{
    static readonly TimeSpan StatusEvery = TimeSpan.FromSeconds(5);

    /// <summary>The command line of it.</summary>
    public static Command Create()
    {
        Option<int> seconds = new("--seconds") { Description = "Stop cleanly after so many seconds; 0: until Ctrl-C." };
        Option<string> output = new("--out") { Description = "The folder of the result files (*.lp).", DefaultValueFactory = static _ => "data/demo" };
        Option<string?> config = new("--config", "-c") { Description = "The settings; without it, configs/demo.json." };
        Command command = new("demo", "Forecast this machine's own metrics, with nothing else installed. Example: demo --seconds 120 --out data/demo")
        {
            seconds, output, config,
        };
        command.SetAction(async (parsed, _) =>
        {
            string file = parsed.GetValue(config) ?? DemoSettings.File;
            if (SettingsFile.Load(file, parsed.InvocationConfiguration.Error) is not Settings settings)
            {
                return SettingsFile.ExitWrong;
            }

            using SignalStop signals = new();
            using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(signals.Token);
            if (parsed.GetValue(seconds) is int limit and > 0)
            {
                stop.CancelAfter(TimeSpan.FromSeconds(limit));
            }

            return await RunAsync(settings, parsed.GetValue(output)!, parsed.InvocationConfiguration.Output, stop.Token);
        });
        return command;
    }

    static async Task<int> RunAsync(Settings settings, string folder, TextWriter output, CancellationToken stop)
    {
        using EmbeddedBroker broker = new();
        broker.CreateTopic(settings.Kafka.Topics[0], DemoSettings.Partitions);
        Settings demo = DemoSettings.On(settings, broker.BootstrapServers, folder);
        await using Daemon daemon = new(
            demo, loggers => new KafkaSource(demo.Kafka, TimeProvider.System, loggers.CreateLogger<KafkaSource>()), ConsoleLog.Warnings);
        using ILoggerFactory logs = LoggerFactory.Create(ConsoleLog.Warnings);
        using HostFeed feed = new(demo.Kafka, demo.Kafka.Topics[0], seasonal: true, TimeProvider.System, logs.CreateLogger<HostFeed>());
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task feeding = Task.CompletedTask;
        Task status = Task.CompletedTask;
        int exit = await daemon.RunAsync(
            async () =>
            {
                await output.WriteLineAsync(DemoText.Welcome(daemon.Page.Address, broker.BootstrapServers, demo.Kafka.Topics[0], folder));
                feeding = feed.RunAsync(stop);
                status = ReportAsync(daemon.Feed, output, ended.Token);
            },
            stop);
        await ended.CancelAsync();
        await feeding;
        await status.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await output.WriteLineAsync(DemoText.Summary(daemon.Feed.Health(), folder));
        return exit;
    }

    static async Task ReportAsync(LiveFeed feed, TextWriter output, CancellationToken stop)
    {
        using PeriodicTimer timer = new(StatusEvery);
        while (await timer.WaitForNextTickAsync(stop))
        {
            await feed.ListAsync(filter: null, limit: 1, stop);
            await output.WriteLineAsync(DemoText.Status(feed.Health()));
        }
    }
}
