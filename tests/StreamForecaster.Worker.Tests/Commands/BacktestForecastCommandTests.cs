using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using StreamForecaster.Worker.Commands;

namespace StreamForecaster.Worker.Tests.Commands;

public sealed class BacktestForecastCommandTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("backtest").FullName;

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public void Backtest_WithJsonAndPlot_WritesOneObjectAndAPictureAColumn()
    {
        var (code, output, _) = Run("--csv", Csv(260), "--time", "at", "--train-rows", "160", "--online-from", "180", "--horizons", "1,4", "--json", "--no-model", "--plot", Path.Combine(_folder, "plots"));
        Assert.Equal(0, code);
        using JsonDocument json = JsonDocument.Parse(output);
        JsonElement mixture = json.RootElement.GetProperty("horizons").GetProperty("4").GetProperty("mixture");
        Assert.InRange(mixture.GetProperty("coverage90").GetDouble(), 0.5, 1);
        Assert.True(mixture.GetProperty("interval_score90").GetDouble() >= mixture.GetProperty("width90").GetDouble());
        Assert.True(mixture.GetProperty("mse").GetDouble() > 0 && mixture.GetProperty("width90").GetDouble() > 0);
        Assert.True(json.RootElement.GetProperty("horizons").GetProperty("1").TryGetProperty("last_value", out _));
        Assert.False(json.RootElement.GetProperty("horizons").GetProperty("1").TryGetProperty("gru_attention", out _));
        Assert.True(json.RootElement.GetProperty("microseconds_per_row").GetDouble() > 0);
        Assert.Equal(2, Directory.GetFiles(Path.Combine(_folder, "plots"), "*.svg").Length);
    }

    [Fact]
    public void Backtest_OfBothProfiles_ShowsOneAfterTheOther()
    {
        string[] wanted = ["--csv", Csv(260), "--time", "at", "--train-rows", "160", "--online-from", "180", "--horizons", "1", "--no-model", "--profile", "full", "lean"];

        var (code, output, _) = Run(wanted);

        Assert.Equal(0, code);
        string[] parts = output.Split("profile Lean");
        Assert.StartsWith("profile Full", parts[0], StringComparison.Ordinal);
        Assert.Equal(4, Regressions(parts[0]));
        Assert.Equal(1, Regressions(parts[1]));
        (code, _, string error) = Run([.. wanted, "--json"]);
        Assert.Equal(2, code);
        Assert.Equal("--json and --plot show one --profile.", error.Trim());
    }

    [Fact]
    public void Backtest_WithPlotOfAFewOnlineRows_DrawsNoForecastBeforeTheFirst()
    {
        string plots = Path.Combine(_folder, "plots");
        Assert.Equal(0, Run("--csv", Csv(200), "--time", "at", "--train-rows", "100", "--online-from", "180", "--horizons", "1,8", "--no-model", "--plot", plots).Code);
        string[] forecasts = [.. File.ReadLines(Path.Combine(plots, "one.svg")).Where(static line => line.Contains("#1f5fbf", StringComparison.Ordinal))];
        Assert.Equal([20, 13], forecasts.Select(static line => line.Split(' ').Count(static word => word.Contains(',', StringComparison.Ordinal))));
    }

    [Fact]
    public void Backtest_OfColumnsOfOneName_DrawsThemAll()
    {
        string csv = Csv(200, "at,one,one");
        string plots = Path.Combine(_folder, "plots");
        Assert.Equal(0, Run("--csv", csv, "--time", "at", "--train-rows", "100", "--online-from", "120", "--horizons", "1", "--no-model", "--plot", plots).Code);
        Assert.Equal(["one.svg", "one_.svg"], Directory.GetFiles(plots).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    static int Regressions(string report) => report.Split('\n').Count(static line => line.TrimStart().StartsWith("regression", StringComparison.Ordinal));

    [Fact]
    public void Backtest_WithoutSuchAColumn_SaysWhichThereAre()
    {
        var (code, _, error) = Run("--csv", Csv(50), "--time", "when", "--train-rows", "20", "--online-from", "30");
        Assert.Equal(2, code);
        Assert.Contains("no column \"when\"; there are at, one, two", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("train-rows: 20 must be 66 (lookback and longest horizon) to 200 (the file's rows)", "20", "100", "1")]
    [InlineData("online-from: 90 must be 100 (train-rows) to 199 (rows less the longest horizon)", "100", "90", "1")]
    [InlineData("--horizons 1,x: \"x\" is not a whole number from 1 to 512.", "100", "100", "1,x")]
    public void Backtest_WithRowsThatDoNotFit_SaysSoInALine(string wanted, string train, string online, string horizons)
    {
        var (code, output, error) = Run("--csv", Csv(200), "--time", "at", "--train-rows", train, "--online-from", online, "--horizons", horizons);
        Assert.Equal((2, "", wanted), (code, output, error.TrimEnd()));
    }

    static (int Code, string Output, string Error) Run(params string[] args)
    {
        using StringWriter output = new(CultureInfo.InvariantCulture);
        using StringWriter error = new(CultureInfo.InvariantCulture);
        int code = BacktestForecastCommand.Create().Parse(args).Invoke(new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }

    string Csv(int rows, string header = "at,one,two")
    {
        string path = Path.Combine(_folder, "series.csv");
        IEnumerable<string> lines = Enumerable.Range(0, rows).Select(row => string.Create(
            CultureInfo.InvariantCulture, $"{DateTime.UnixEpoch.AddHours(row):yyyy-MM-dd HH:mm:ss},{Math.Sin(row * 0.5)},{row % 7}"));
        File.WriteAllLines(path, lines.Prepend(header));
        return path;
    }
}
