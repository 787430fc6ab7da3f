using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace StreamForecaster.Worker.Commands;

/// <summary>Where commands log: one line an entry, on stderr, so that stdout is the command's own.</summary>
static class ConsoleLog
{
    /// <summary>Everything from information on.</summary>
    public static void Lines(ILoggingBuilder logging) => Configure(logging, LogLevel.Information);

    /// <summary>Warnings and worse.</summary>
    public static void Warnings(ILoggingBuilder logging) => Configure(logging, LogLevel.Warning);

    static void Configure(ILoggingBuilder logging, LogLevel least)
    {
        logging.SetMinimumLevel(least);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ssZ ";
            console.ColorBehavior = LoggerColorBehavior.Disabled;
        });
        logging.Services.Configure<ConsoleLoggerOptions>(static o => o.LogToStandardErrorThreshold = LogLevel.Trace);
    }
}
