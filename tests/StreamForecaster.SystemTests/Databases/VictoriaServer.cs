using System.Globalization;
using System.Text.Json;

namespace StreamForecaster.SystemTests.Databases;

/// <summary>VictoriaMetrics, which takes InfluxDB's line protocol at both addresses. One database for all.</summary>
public sealed class VictoriaServer() : Database("victoria-metrics")
{
    // It answers before its data is on disk, and says so: a kill would lose some seconds.
    protected override string StopSignal => "TERM";

    public override Task CreateAsync(string name) => Task.CompletedTask;

    public override async Task<IReadOnlyDictionary<string, long>> CountsAsync(string database, string measurement, string field)
    {
        using HttpResponseMessage flushed = await Http.GetAsync(new Uri(Url + "/internal/force_flush"));
        flushed.EnsureSuccessStatusCode();
        string query = Uri.EscapeDataString($"count_over_time({measurement}_{field}[30y])");
        using HttpResponseMessage answer = await Http.GetAsync(new Uri($"{Url}/api/v1/query?query={query}&nocache=1"));
        answer.EnsureSuccessStatusCode();
        using JsonDocument json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Dictionary<string, long> counts = new(StringComparer.Ordinal);
        foreach (JsonElement series in json.RootElement.GetProperty("data").GetProperty("result").EnumerateArray())
        {
            string tags = string.Join(',', series.GetProperty("metric").EnumerateObject()
                .Where(label => label.Name is not "__name__")
                .OrderBy(label => label.Name, StringComparer.Ordinal)
                .Select(label => $"{label.Name}={label.Value}"));
            counts[tags] = long.Parse(series.GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture);
        }

        return counts;
    }

    // Samples of one series and time are one sample only where it is told to look for them.
    protected override IEnumerable<string> Arguments() =>
    [
        $"-httpListenAddr=127.0.0.1:{Port}",
        $"-storageDataPath={Folder}",
        "-retentionPeriod=100y",
        "-dedup.minScrapeInterval=1ms",
        "-search.latencyOffset=0s",
    ];
}
