using System.Globalization;
using StreamForecaster.Worker.Live;

namespace StreamForecaster.Worker.Demo;

/// <summary>What the demo prints.</summary>
static class DemoText
{
    /// <summary>The addresses, and how to send metrics of one's own.</summary>
    public static string Welcome(Uri? page, string brokers, string topic, string folder) =>
        $$"""
        StreamForecaster demo: this machine's metrics, one record a second per source.
          page      {{page?.ToString() ?? "off"}}
          results   {{folder}}/*.lp
          broker    {{brokers}}, topic {{topic}}
          send      echo '{"name":"mine","tags":{"host":"me"},"fields":{"value":42},"timestamp":'$(date +%s)'}' | kcat -P -b {{brokers}} -t {{topic}} -k me
        Ctrl-C stops it.
        """;

    /// <summary>One line every few seconds.</summary>
    public static string Status(PipelineHealth health) => string.Create(
        CultureInfo.InvariantCulture,
        $"{health.Points} points ({health.PointsPerSecond:F0}/s), {health.Series} series ({health.Ready} ready), lag {health.Lag}, "
        + $"{health.Forecasts} forecasts, {health.Anomalies} anomalies, {health.DeadLetters} dead letters, "
        + $"model version {health.Groups.Max(static g => (long?)g.Version) ?? 0} ({health.Groups.Count(static g => g.Version > 0)} of {health.Groups.Count} groups, {health.Groups.Sum(static g => g.Trainings)} trainings), "
        + $"last loss {Loss(health)}");

    /// <summary>The last words.</summary>
    public static string Summary(PipelineHealth health, string folder) => string.Create(
        CultureInfo.InvariantCulture,
        $"Stopped cleanly: {health.Records} records, {health.Points} points, {health.Forecasts} forecasts, {health.Anomalies} anomalies, "
        + $"{health.DeadLetters} dead letters; results in {folder}");

    static string Loss(PipelineHealth health)
    {
        double[] losses = [.. health.Groups.Where(static g => g.LastLoss is not null).Select(static g => g.LastLoss!.Value)];
        return losses.Length == 0 ? "none yet" : losses.Average().ToString("F4", CultureInfo.InvariantCulture);
    }
}
