using StreamForecaster.Backtesting;
using StreamForecaster.Learning;
using StreamForecaster.Tests.Forecasting;

namespace StreamForecaster.Tests.Backtesting;

public sealed class ForecastBacktestTests
{
    static readonly ForecastBacktestOptions Options = new()
    {
        TrainRows = 200,
        OnlineFrom = 240,
        Horizons = [1, 6],
        Model = new ModelOptions { HiddenSize = 8, Lookback = 24 },
        Training = new BacktestTrainingOptions { Batch = 16, FirstSteps = 30, UpdateSteps = 1 },
    };

    [Fact]
    public void Run_Twice_GivesTheSameFigures() => Assert.Equal(new ForecastBacktest(Table(400), Options).Run(), new ForecastBacktest(Table(400), Options).Run());

    [Fact]
    public void Run_OfLastValue_IsTheErrorCountedByHand()
    {
        var table = Table(400);
        var line = new ForecastBacktest(table, Options).Run().Single(line => line is { Name: "last_value", Horizon: 1 });
        double squares = 0;
        foreach (var column in table.Columns)
        {
            var mean = column[..200].Average();
            var variance = column[..200].Average(value => (value - mean) * (value - mean));
            squares += Enumerable.Range(240, 160).Average(row => Math.Pow(column[row] - column[row - 1], 2)) / variance / table.Columns.Length;
        }

        Assert.Equal(squares, line.Figures.Mse, 9);
        Assert.Equal(line.Figures.Mae / 2, line.Figures.Pinball, 12);
    }

    [Fact]
    public void Run_WithAndWithoutAModel_ListsItOrLeavesItOut()
    {
        Assert.Contains(new ForecastBacktest(Table(300), Options).Run(), line => line is { Name: "gru_attention", Horizon: 6, Figures.Coverage90: not null });
        Assert.DoesNotContain(new ForecastBacktest(Table(300), Options with { Model = null }).Run(), line => string.Equals(line.Name, "gru_attention", StringComparison.Ordinal));
    }

    [Fact]
    public void Run_UpToARow_DoesNotDependOnLaterRows()
    {
        var whole = Table(400);
        var altered = Table(400);
        for (var row = 330; row < 400; row++)
        {
            altered.Columns[0][row] += 1_000;
        }

        Assert.Equal(Forecasts(whole, 329), Forecasts(altered, 329));
    }

    [Fact]
    public void Options_ThatDoNotFitTheTable_AreRefusedByName()
    {
        Assert.Contains("train-rows", Assert.Throws<ArgumentException>(() => new ForecastBacktest(Table(400), Options with { TrainRows = 20 })).Message, StringComparison.Ordinal);
        Assert.Contains("online-from", Assert.Throws<ArgumentException>(() => new ForecastBacktest(Table(400), Options with { OnlineFrom = 399 })).Message, StringComparison.Ordinal);
        Assert.Contains("horizons", Assert.Throws<ArgumentException>(() => new ForecastBacktest(Table(400), Options with { Horizons = [] })).Message, StringComparison.Ordinal);
    }

    static List<double> Forecasts(SeriesTable table, int lastRow)
    {
        var forecasts = new List<double>();
        var backtest = new ForecastBacktest(table, Options);
        backtest.Forecasted = (_, row, bands) =>
        {
            if (row <= lastRow)
            {
                forecasts.AddRange(bands.Span.ToArray().Select(band => band.Yhat));
            }
        };
        backtest.Run();
        return forecasts;
    }

    static SeriesTable Table(int rows) => new(
        ["day", "walk"],
        [Streams.Season(rows, 24, 1, 41), Streams.Autoregression(rows, 0.95, 42)],
        [.. Enumerable.Range(0, rows).Select(row => SeriesRun.At(row))]);
}
