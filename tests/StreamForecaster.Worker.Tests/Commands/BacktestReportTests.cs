using System.Text.Json;
using StreamForecaster.Backtesting;
using StreamForecaster.Forecasting;
using StreamForecaster.Worker.Commands.Backtests;

namespace StreamForecaster.Worker.Tests.Commands;

public sealed class BacktestReportTests
{
    [Fact]
    public void Report_OfTwoSeries_TellsTheTimeOfARowOfBoth()
    {
        SeriesTable table = new(["one", "two"], [new double[100], new double[100]], new StepTime[100]);
        BacktestReport report = new([], table, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(2));

        using JsonDocument json = JsonDocument.Parse(report.ToJson());
        Assert.Equal(10, json.RootElement.GetProperty("microseconds_per_row").GetDouble());
        Assert.Contains("2 series, 100 rows: 10.0 µs a row (5.0 a series), training 2.0 s", report.ToText(), StringComparison.Ordinal);
    }
}
