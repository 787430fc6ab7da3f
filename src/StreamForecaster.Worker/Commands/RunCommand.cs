using System.CommandLine;
using Microsoft.Extensions.Logging;
using StreamForecaster.Worker.Configuration;
using StreamForecaster.Worker.Ingestion;

namespace StreamForecaster.Worker.Commands;

/// <summary><c>run</c>: the daemon, until it is told to stop.</summary>
public static class RunCommand
{
    /// <summary>The command line of it.</summary>
    public static Command Create()
    {
        Option<string?> config = new("--config", "-c") { Description = "The settings file (JSON, comments allowed); without it, defaults and environment." };
        Option<bool> cold = new("--cold") { Description = "Start without the state that is there: one lookback before the committed offsets, series warming up." };
        Command command = new("run", "Forecast and score what Kafka brings, until a signal comes. Example: run --config configs/default.json")
        {
            config, cold,
        };
        command.SetAction(async (parsed, stop) =>
        {
            if (SettingsFile.Load(parsed.GetValue(config), parsed.InvocationConfiguration.Error) is not Settings settings)
            {
                return SettingsFile.ExitWrong;
            }

            using SignalStop signals = new();
            await using Daemon daemon = new(
                settings, loggers => new KafkaSource(settings.Kafka, TimeProvider.System, loggers.CreateLogger<KafkaSource>(), Path.Combine(settings.State.Directory, "partitions")), ConsoleLog.Lines,
                parsed.GetValue(cold));
            return await daemon.RunAsync(started: null, signals.Token);
        });
        return command;
    }
}
