using System.CommandLine;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Ingestion.Host;
using StreamForecaster.Worker.Ingestion.Replay;

namespace StreamForecaster.Worker.Commands;

/// <summary><c>produce</c>: writes a file, or this machine's metrics, into a topic.</summary>
public static class ProduceCommand
{
    /// <summary>The command line of it.</summary>
    public static Command Create()
    {
        Option<string> topic = new("--topic", "-t") { Description = "The topic to write to.", Required = true };
        Option<string> brokers = new("--brokers", "-b") { Description = "host:port, several separated by commas.", DefaultValueFactory = _ => new KafkaOptions().BootstrapServers };
        Option<string?> file = new("--file", "-f") { Description = "A .csv (a time column and columns of numbers) or .lp file, or a folder of them; without it, this machine's metrics, every second." };
        Option<double> rate = new("--rate") { Description = "Records per second from files; 0 for as fast as it goes." };
        Option<int> seconds = new("--seconds") { Description = "How long this machine's metrics are sent; 0 until Ctrl-C." };
        Option<string[]> client = new("--client") { Description = "A librdkafka setting, name=value, such as security.protocol=ssl; may be given several times." };
        Command command = new("produce", "Write a CSV or this machine's metrics into a topic. Example: produce --topic metrics --file cpu.csv")
        {
            topic, brokers, file, rate, seconds, client,
        };
        command.SetAction(async (parsed, stop) =>
        {
            TextWriter error = parsed.InvocationConfiguration.Error;
            using SignalStop signals = new();
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(stop, signals.Token);
            try
            {
                KafkaOptions kafka = new()
                {
                    BootstrapServers = parsed.GetValue(brokers)!,
                    Client = Settings(parsed.GetValue(client) ?? []),
                };
                Target target = new(kafka, parsed.GetValue(topic)!, parsed.InvocationConfiguration.Output);
                return parsed.GetValue(file) is { } path
                    ? await SendFilesAsync(target, path, parsed.GetValue(rate), either.Token)
                    : await SendMetricsAsync(target, parsed.GetValue(seconds), either.Token);
            }
            catch (Exception e) when (e is InvalidOperationException or KafkaException or IOException)
            {
                await error.WriteLineAsync(e.Message);
                return 1;
            }
        });
        return command;
    }

    static Dictionary<string, string> Settings(string[] pairs)
    {
        Dictionary<string, string> settings = new(StringComparer.Ordinal);
        foreach (string pair in pairs)
        {
            int split = pair.IndexOf('=', StringComparison.Ordinal);
            if (split <= 0)
            {
                throw new InvalidOperationException($"--client {pair}: a setting is written name=value.");
            }

            settings[pair[..split]] = pair[(split + 1)..];
        }

        return settings;
    }

    static async Task<int> SendFilesAsync(Target target, string path, double rate, CancellationToken stop)
    {
        ReplaySource source = new(new ReplayOptions { Paths = [path], OneLane = true });
        using FileFeed feed = new(target.Kafka, target.Topic);
        using ITimer progress = TimeProvider.System.CreateTimer(
            _ => target.Output.WriteLine($"{feed.Sent} records, {source.Progress:P0}"), null, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2));
        await feed.RunAsync(source, rate, TimeProvider.System, stop);
        await target.Output.WriteLineAsync($"{feed.Sent} records written to {target.Topic}");
        return stop.IsCancellationRequested ? 1 : 0;
    }

    static async Task<int> SendMetricsAsync(Target target, int seconds, CancellationToken stop)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (seconds > 0)
        {
            end.CancelAfter(TimeSpan.FromSeconds(seconds));
        }

        using HostFeed feed = new(target.Kafka, target.Topic, seasonal: false, TimeProvider.System, NullLogger<HostFeed>.Instance);
        using ITimer progress = TimeProvider.System.CreateTimer(
            _ => target.Output.WriteLine($"{feed.Sent} records"), null, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5));
        await feed.RunAsync(end.Token);
        await target.Output.WriteLineAsync($"{feed.Sent} records written to {target.Topic}");
        return feed.Sent > 0 ? 0 : 1;
    }

    sealed record Target(KafkaOptions Kafka, string Topic, TextWriter Output);
}
