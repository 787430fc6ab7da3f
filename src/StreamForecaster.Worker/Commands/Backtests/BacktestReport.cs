using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using StreamForecaster.Backtesting;

namespace StreamForecaster.Worker.Commands.Backtests;

/// <summary>A backtest's figures as a table and as JSON.</summary>
sealed class BacktestReport(IReadOnlyList<BacktestLine> lines, SeriesTable table, TimeSpan running, TimeSpan training)
{
    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Time per row of the table, which holds all its series; training apart.</summary>
    double MicrosecondsPerRow => running.TotalMicroseconds / table.Rows;

    /// <summary>One object: horizons → forecaster → figures; beside them the one figure that a clock told.</summary>
    public string ToJson()
    {
        JsonObject horizons = [];
        foreach (IGrouping<int, BacktestLine> group in lines.GroupBy(line => line.Horizon))
        {
            JsonObject forecasters = [];
            foreach (BacktestLine line in group)
            {
                forecasters[line.Name] = Figures(line.Figures);
            }

            horizons[group.Key.ToString(CultureInfo.InvariantCulture)] = forecasters;
        }

        JsonObject all = new()
        {
            ["horizons"] = horizons,
            ["microseconds_per_row"] = Math.Round(MicrosecondsPerRow, 2),
        };
        return all.ToJsonString(Indented) + "\n";
    }

    /// <summary>A table for people.</summary>
    public string ToText()
    {
        StringBuilder text = new();
        foreach (IGrouping<int, BacktestLine> group in lines.GroupBy(line => line.Horizon))
        {
            text.Append(CultureInfo.InvariantCulture, $"\nsteps 1..{group.Key,-15}     mse      mae  pinball  coverage90  width90  interval90\n");
            foreach (BacktestLine line in group)
            {
                ForecastFigures figures = line.Figures;
                text.Append(CultureInfo.InvariantCulture, $"  {line.Name,-20}{figures.Mse,10:F4}{figures.Mae,9:F4}{figures.Pinball,9:F4}");
                text.Append(CultureInfo.InvariantCulture, $"{figures.Coverage90,12:P1}{figures.Width90,9:F3}{figures.IntervalScore90,12:F3}\n");
            }
        }

        text.Append(CultureInfo.InvariantCulture, $"\n{table.Columns.Length} series, {table.Rows} rows: {MicrosecondsPerRow:F1} µs a row ({MicrosecondsPerRow / table.Columns.Length:F1} a series), training {training.TotalSeconds:F1} s\n");
        return text.ToString();
    }

    static JsonObject Figures(ForecastFigures figures)
    {
        JsonObject to = new() { ["mse"] = figures.Mse, ["mae"] = figures.Mae, ["pinball"] = figures.Pinball };
        if (figures.Coverage90 is { } coverage && figures.Width90 is { } width && figures.IntervalScore90 is { } interval)
        {
            to["coverage90"] = coverage;
            to["width90"] = width;
            to["interval_score90"] = interval;
        }

        return to;
    }
}
