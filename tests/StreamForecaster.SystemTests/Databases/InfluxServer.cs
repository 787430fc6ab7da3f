using System.Globalization;
using System.Text.Json;

namespace StreamForecaster.SystemTests.Databases;

/// <summary>InfluxDB 1.x.</summary>
public sealed class InfluxServer() : Database("influxd")
{
    /// <summary>The largest body it takes, small so that a test can meet it.</summary>
    public const int MaxBodyBytes = 300_000;

    protected override string StopSignal => "KILL";

    public override Task CreateAsync(string name) => QueryAsync($"CREATE DATABASE \"{name}\"", "");

    public override async Task<IReadOnlyDictionary<string, long>> CountsAsync(string database, string measurement, string field)
    {
        using JsonDocument answer = await QueryAsync($"SELECT count(\"{field}\") FROM \"{measurement}\" GROUP BY *", database);
        Dictionary<string, long> counts = new(StringComparer.Ordinal);
        if (answer.RootElement.GetProperty("results")[0].TryGetProperty("series", out JsonElement all))
        {
            foreach (JsonElement series in all.EnumerateArray())
            {
                string tags = series.TryGetProperty("tags", out JsonElement own)
                    ? string.Join(',', own.EnumerateObject().Select(tag => $"{tag.Name}={tag.Value}"))
                    : "";
                counts[tags] = series.GetProperty("values")[0][1].GetInt64();
            }
        }

        return counts;
    }

    /// <summary>Runs a statement of InfluxQL.</summary>
    public async Task<JsonDocument> QueryAsync(string statement, string database)
    {
        using FormUrlEncodedContent form = new([new("q", statement), new("db", database)]);
        using HttpResponseMessage answer = await Http.PostAsync(new Uri(Url + "/query"), form);
        answer.EnsureSuccessStatusCode();
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
    }

    protected override IEnumerable<string> Arguments()
    {
        string path = Path.Combine(Folder, "influxdb.conf");
        File.WriteAllText(path, string.Create(CultureInfo.InvariantCulture, $"""
            reporting-disabled = true
            bind-address = "127.0.0.1:0"
            [meta]
              dir = "{Folder}/meta"
            [data]
              dir = "{Folder}/data"
              wal-dir = "{Folder}/wal"
            [http]
              bind-address = "127.0.0.1:{Port}"
              max-body-size = {MaxBodyBytes}
              log-enabled = false
            [monitor]
              store-enabled = false
            [ifql]
              enabled = false
            """));
        return ["-config", path];
    }
}
