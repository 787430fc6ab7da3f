using StreamForecaster.Worker.Configuration;
using StreamForecaster.Worker.Live;
using StreamForecaster.Worker.Publishing;

namespace StreamForecaster.Worker.Demo;

/// <summary>The demo's settings are production's but for addresses, folders and the step.</summary>
static class DemoSettings
{
    /// <summary>Partitions of the demo's topic: more than one lane, as in production.</summary>
    public const int Partitions = 4;

    /// <summary>The settings file, beside the executable or in the checkout.</summary>
    public static string File => Path.Combine(AppContext.BaseDirectory, "configs", "demo.json");

    /// <summary>The settings on a broker that was just started, with results, state and dead letters under one folder. The broker forgets
    /// everything with the process, so the lanes' state does too; the models are kept.</summary>
    public static Settings On(Settings settings, string bootstrapServers, string folder)
    {
        string lanes = Path.Combine(folder, "state", "lanes");
        if (Directory.Exists(lanes))
        {
            Directory.Delete(lanes, recursive: true);
        }

        return settings with
        {
            // A second demo beside the first, or another server on the port, is no reason not to start.
            Http = settings.Http.Listen.Length == 0 || LiveAddress.IsFree(LiveAddress.Parse(settings.Http.Listen)) ? settings.Http : settings.Http with { Listen = "127.0.0.1:0" },
            Kafka = settings.Kafka with { BootstrapServers = bootstrapServers },
            State = settings.State with { Directory = Path.Combine(folder, "state") },
            Sinks = settings.Sinks with
            {
                Files = [new FileSinkOptions { Name = "demo", Directory = folder }],
                DeadLetters = settings.Sinks.DeadLetters with { Directory = folder },
            },
        };
    }
}
