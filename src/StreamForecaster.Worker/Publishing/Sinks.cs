using StreamForecaster.Worker.Configuration;
using StreamForecaster.Worker.Publishing.Files;
using StreamForecaster.Worker.Publishing.Influx;

namespace StreamForecaster.Worker.Publishing;

/// <summary>From settings to sinks.</summary>
public static class Sinks
{
    /// <summary>Opens all configured sinks; the dead letters are the first.</summary>
    public static IReadOnlyList<ISink> Open(SinksOptions options, SinkContext context)
    {
        DeadLetterFileSink deadLetters = new(options.DeadLetters, context);
        return
        [
            deadLetters,
            .. options.Files.Select(file => new LineProtocolFileSink(file, context)),
            .. options.Influx.Select(influx => new InfluxSink(influx, context, deadLetters)),
        ];
    }
}
