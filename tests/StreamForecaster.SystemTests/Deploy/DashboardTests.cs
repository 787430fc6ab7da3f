using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using StreamForecaster.Decoding;
using StreamForecaster.Publishing;
using StreamForecaster.SystemTests.Databases;
using StreamForecaster.SystemTests.Live;
using StreamForecaster.Worker.Telemetry;

namespace StreamForecaster.SystemTests.Deploy;

/// <summary>Grafana is not here, but what it would ask is asked: every query of every dashboard, of a database that holds what we write.</summary>
[Collection(SystemRun.Name)]
public sealed partial class DashboardTests(InfluxServer influx)
{
    const string Database = "dashboards";
    const int Steps = 60;
    const int StepSeconds = 10;

    // 2025-01-01T00:00:00Z
    const long Start = 1_735_689_600;

    static readonly SeriesIdentity Shown = SeriesIdentity.Parse(SeriesIdentity.Key("cpu", [new("host", "a/b (c)")], "usage_idle"));
    static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    public static TheoryData<string> Dashboards => [.. Directory.EnumerateFiles(Folder, "*.json").Select(file => Path.GetFileName(file)!)];

    static string Folder => Path.Combine(Checkout.Root, "deploy", "grafana", "dashboards");

    [Theory]
    [MemberData(nameof(Dashboards))]
    public async Task Dashboard_EveryQuery_AnswersWithRows(string file)
    {
        Assert.SkipWhen(influx.Missing is not null, influx.Missing ?? "");
        await influx.CreateAsync(Database);
        await WriteAsync(ResultBytes());
        await WriteAsync(PipelineBytes());
        using JsonDocument dashboard = Read(file);
        List<string> queries = [.. Queries(dashboard.RootElement)];
        List<string> wrong = [];
        foreach (string query in queries)
        {
            using JsonDocument answer = await influx.QueryAsync(Filled(query), Database);
            JsonElement result = answer.RootElement.GetProperty("results")[0];
            if (result.TryGetProperty("error", out _) || !result.TryGetProperty("series", out _))
            {
                wrong.Add($"{query}\n  -> {result}");
            }
        }

        Assert.Empty(wrong);
        Assert.True(queries.Count >= 10, $"only {queries.Count} queries were found in {file}");
    }

    [Theory]
    [MemberData(nameof(Dashboards))]
    public void Dashboard_Provisioned_HasFixedUidAndOurDataSource(string file)
    {
        using JsonDocument dashboard = Read(file);
        string source = File.ReadAllText(Path.Combine(Checkout.Root, "deploy", "grafana", "provisioning", "datasources", "influx.yml"));

        Assert.False(dashboard.RootElement.TryGetProperty("id", out _));
        Assert.StartsWith("streamforecaster-", dashboard.RootElement.GetProperty("uid").GetString(), StringComparison.Ordinal);
        foreach (Match uid in DataSourceUid().Matches(dashboard.RootElement.GetRawText()))
        {
            Assert.Contains($"uid: {uid.Groups["uid"].Value}\n", source, StringComparison.Ordinal);
        }
    }

    static JsonDocument Read(string file) => JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, file)));

    // Panels, variables and annotations all keep theirs in a text property "query".
    static IEnumerable<string> Queries(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property =>
            property.NameEquals("query") && property.Value.ValueKind == JsonValueKind.String ? [property.Value.GetString()!] : Queries(property.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Queries),
        _ => [],
    };

    // What Grafana puts in the place of its variables.
    static string Filled(string query)
    {
        string until = DateTimeOffset.FromUnixTimeSeconds(Start + (Steps * StepSeconds)).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        return query
            .Replace("$timeFilter", $"time >= '2025-01-01T00:00:00Z' AND time <= '{until}'", StringComparison.Ordinal)
            .Replace("$__interval", "30s", StringComparison.Ordinal)
            .Replace("${series:regex}", Regex.Escape(Shown.Display).Replace("/", "\\/", StringComparison.Ordinal), StringComparison.Ordinal)
            .Replace("$horizon", "1", StringComparison.Ordinal);
    }

    static byte[] ResultBytes()
    {
        ByteBuffer lines = new();
        SeriesLabels labels = new(Shown);
        for (int step = 0; step < Steps; step++)
        {
            long time = (Start + (step * StepSeconds)) * 1_000_000_000;
            double value = 50 + Math.Sin(step / 7.0);
            ResultLines.AppendForecast(lines, labels, 1, time, value, value - 1, value + 1, "gru"u8, 3, "season"u8);
            ResultLines.AppendForecast(lines, labels, 12, time, value, value - 2, value + 2, "gru"u8, 3, "season"u8);
            ResultLines.AppendAnomaly(lines, labels, time, value, value, step == 30 ? 0.99 : 0.1, 0.5, isAnomaly: step == 30);
        }

        ResultLines.AppendEvent(lines, labels, new((Start + 300) * 1_000_000_000, (Start + 320) * 1000, 0.99, "critical"u8, "fell to 4"u8, "cpu"u8));
        return lines.Written.ToArray();
    }

    // Our /metrics as Telegraf's prometheus input (metric_version = 1) passes them on: the name is the measurement, the kind the field.
    static byte[] PipelineBytes()
    {
        StringBuilder lines = new();
        for (int scrape = 0; scrape < 4; scrape++)
        {
            SetClock clock = new(DateTimeOffset.FromUnixTimeSeconds(Start + (scrape * 60)));
            using PrometheusText metrics = new(PipelineMetrics.MeterName, "System.Runtime");
            using PipelineMetrics pipeline = new(new MachineFeed(clock), clock);
            string kind = "";
            foreach (string line in metrics.Write().Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
                {
                    kind = line.Split(' ')[^1];
                }
                else if (Sample().Match(line) is { Success: true } sample && kind is "counter" or "gauge" && double.TryParse(sample.Groups["value"].Value, CultureInfo.InvariantCulture, out _))
                {
                    string tags = Label().Replace(sample.Groups["labels"].Value, label => $",{label.Groups["name"].Value}={label.Groups["value"].Value.Replace(" ", "\\ ", StringComparison.Ordinal)}");
                    lines.Append(CultureInfo.InvariantCulture, $"{sample.Groups["name"].Value}{tags} {kind}={sample.Groups["value"].Value} {(Start + (scrape * 60)) * 1_000_000_000}\n");
                }
            }
        }

        return Encoding.UTF8.GetBytes(lines.ToString());
    }

    async Task WriteAsync(byte[] lines)
    {
        using HttpClient http = new();
        using ByteArrayContent body = new(lines);
        using HttpResponseMessage answer = await http.PostAsync(new Uri($"{influx.Url}/write?db={Database}"), body, Stop);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Stop));
    }

    [GeneratedRegex("\"uid\":\\s*\"(?<uid>[^\"]*-influx)\"", RegexOptions.NonBacktracking)]
    private static partial Regex DataSourceUid();

    [GeneratedRegex("^(?<name>[A-Za-z_0-9]+)(?:\\{(?<labels>.*)\\})? (?<value>\\S+)$", RegexOptions.NonBacktracking)]
    private static partial Regex Sample();

    [GeneratedRegex(",?(?<name>[a-zA-Z_0-9]+)=\"(?<value>[^\"]*)\"", RegexOptions.NonBacktracking)]
    private static partial Regex Label();

    sealed class SetClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;

        public override long GetTimestamp() => now.UtcTicks;
    }
}
