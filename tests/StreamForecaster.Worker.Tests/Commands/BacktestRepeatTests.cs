using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using StreamForecaster.Worker.Commands;

namespace StreamForecaster.Worker.Tests.Commands;

/// <summary>The same backtest twice gives the same bytes, training included; only what a clock said may differ.</summary>
public sealed class BacktestRepeatTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("backtest").FullName;

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public void Nab_Twice_WritesTheSameBytes()
    {
        string data = Directory.CreateDirectory(Path.Combine(_folder, "data", "one")).FullName;
        Write(Path.Combine(data, "day.csv"), "timestamp,value", 900, static (row, noise) => $"{(10 * Math.Sin(row * Math.PI / 36)) + noise}");
        Write(Path.Combine(data, "steps.csv"), "timestamp,value", 700, static (row, noise) => $"{row / 200 % 2 * 5}{(noise > 0.95 ? 9 : 1)}");

        foreach (string run in new[] { "first", "second" })
        {
            Assert.Equal(0, BacktestNabCommand.Create().Parse(["--data", Path.Combine(_folder, "data"), "--out", Path.Combine(_folder, run)]).Invoke(Quiet(TextWriter.Null)));
        }

        foreach (string file in new[] { "day.csv", "steps.csv" })
        {
            byte[] first = File.ReadAllBytes(Path.Combine(_folder, "first", "one", file));
            Assert.NotEmpty(first);
            Assert.Equal(first, File.ReadAllBytes(Path.Combine(_folder, "second", "one", file)));
        }
    }

    [Fact]
    public void Forecast_Twice_WithTraining_TellsTheSameFigures()
    {
        string csv = Path.Combine(_folder, "series.csv");
        Write(csv, "at,one,two", 400, static (row, noise) => $"{Math.Sin(row * 0.5) + noise},{(row % 7) - noise}");
        string first = Forecast(csv);
        Assert.Contains("gru_attention", first, StringComparison.Ordinal);
        Assert.Equal(first, Forecast(csv));
    }

    static string Forecast(string csv)
    {
        using StringWriter output = new(CultureInfo.InvariantCulture);
        string[] args = ["--csv", csv, "--time", "at", "--train-rows", "200", "--online-from", "220", "--horizons", "1,6", "--json"];
        Assert.Equal(0, BacktestForecastCommand.Create().Parse(args).Invoke(Quiet(output)));
        JsonObject told = JsonNode.Parse(output.ToString())!.AsObject();
        Assert.True(told.Remove("microseconds_per_row"));
        return told.ToJsonString();
    }

    static InvocationConfiguration Quiet(TextWriter output) => new() { Output = output, Error = TextWriter.Null };

    static void Write(string path, string header, int rows, Func<int, double, FormattableString> values)
    {
        Random random = new(1);
        File.WriteAllLines(path, Enumerable.Range(0, rows)
            .Select(row => $"{DateTime.UnixEpoch.AddMinutes(5 * row):yyyy-MM-dd HH:mm:ss},{FormattableString.Invariant(values(row, random.NextDouble()))}")
            .Prepend(header));
    }
}
