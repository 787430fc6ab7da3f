using System.CommandLine;
using System.Globalization;
using System.Text;
using StreamForecaster.SystemTests.Databases;
using StreamForecaster.Worker.Commands;
using StreamForecaster.Worker.Training;

namespace StreamForecaster.SystemTests.Commands;

/// <summary>A champion from the history in a real InfluxDB, and what it says where there is none.</summary>
[Collection(SystemRun.Name)]
public sealed class TrainFromInfluxTests(InfluxServer server) : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("train-influx").FullName;

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public async Task Train_OnAWavesHistory_IsAChampionInTheStore()
    {
        Assert.SkipWhen(server.Missing is not null, server.Missing ?? "");
        await server.CreateAsync("history");
        StringBuilder lines = new();
        for (int minute = 0; minute < 700; minute++)
        {
            // A gap, which the query fills with null.
            if (minute is > 300 and < 305)
            {
                continue;
            }

            for (int host = 0; host < 2; host++)
            {
                double value = Math.Sin((minute / 4.0) + host);
                lines.Append(CultureInfo.InvariantCulture, $"load,host=h{host} value={value:R} {(1_700_000_000L + (60 * minute)) * 1_000_000_000}\n");
            }
        }

        using HttpClient http = new();
        using HttpResponseMessage written = await http.PostAsync(new Uri(server.Url + "/write?db=history"), new StringContent(lines.ToString()), TestContext.Current.CancellationToken);
        written.EnsureSuccessStatusCode();
        string config = Path.Combine(_folder, "settings.json"), store = Path.Combine(_folder, "models"), model = Path.Combine(_folder, "m.safetensors");
        await File.WriteAllTextAsync(config, """{ "learn": { "model": { "hiddenSize": 8, "lookback": 24, "horizons": 4 } } }""", TestContext.Current.CancellationToken);

        (int code, string said) = Train(
            "--from-influx", server.Url + "?db=history", "--out", model, "--config", config, "--store", store, "--champion-of", "load", "--steps", "120", "--batch-size", "16",
            "--query", "SELECT mean(value) FROM load WHERE time >= 1700000000s AND time < 1700042000s GROUP BY time(1m), host");

        Assert.True(code == 0, said);
        GroupManifest manifest = new ModelStore(store, int.MaxValue, TimeProvider.System).Read("load")!;
        Assert.Equal(1, manifest.Champion);
        Assert.True(manifest.Versions[0].Loss < 0.6 * manifest.Versions[0].ChampionLoss, said);
        Assert.True(File.Exists(model));
    }

    [Fact]
    public async Task Train_WhatCannotBe_IsOneLine()
    {
        Assert.SkipWhen(server.Missing is not null, server.Missing ?? "");
        await server.CreateAsync("empty");
        string address = server.Url + "?db=empty", model = Path.Combine(_folder, "m.safetensors");

        Assert.Equal((1, $"{server.Url}/: the query gave no series of numbers"), Train("--from-influx", address, "--query", "SELECT v FROM nothing", "--out", model));
        (int code, string line) = Train("--from-influx", address, "--query", "SELECT FROM", "--out", model);
        Assert.Equal(1, code);
        Assert.StartsWith($"{server.Url}/: error parsing query: ", line, StringComparison.Ordinal);
        Assert.Equal((1, "wanted is --data with CSV files, or --from-influx with an address and --query"), Train("--from-influx", address, "--out", model));
        Assert.Equal((1, "--from-influx nowhere: wants an address such as http://localhost:8086?db=telegraf"), Train("--from-influx", "nowhere", "--query", "q", "--out", model));
    }

    static (int Code, string Said) Train(params string[] arguments)
    {
        using StringWriter output = new(), error = new();
        int code = TrainCommand.Create().Parse(arguments).Invoke(new InvocationConfiguration { Output = output, Error = error });
        return (code, code == 0 ? output.ToString() : error.ToString().Trim());
    }
}
