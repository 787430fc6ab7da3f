using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using StreamForecaster.Backtesting;
using StreamForecaster.Grouping;
using StreamForecaster.Learning;
using StreamForecaster.Worker.Commands.Backtests;

namespace StreamForecaster.Worker.Commands;

/// <summary><c>backtest forecast</c>: how well a file's series would have been forecast, row by row, by what runs in production.</summary>
public static class BacktestForecastCommand
{
    /// <summary>The command line of it: a subcommand of <c>backtest</c>.</summary>
    public static Command Create()
    {
        Option<string> csv = new("--csv") { Description = "The file: a header, a time column, columns of numbers.", Required = true };
        Option<string> time = new("--time") { Description = "The name of the time column.", Required = true };
        Option<int> rows = new("--rows") { Description = "Only the first so many rows; 0: all." };
        Option<int> train = new("--train-rows") { Description = "Rows that the model is trained on first and whose deviation is the unit of the figures.", Required = true };
        Option<int> online = new("--online-from") { Description = "The first row that is a target, counted from 0.", Required = true };
        Option<string> horizons = new("--horizons") { Description = "Figures over steps 1..H, for each H.", DefaultValueFactory = _ => "1,24,48" };
        Option<SeriesProfile[]> profiles = new("--profile")
        {
            Description = "full or lean; or both, one after the other.",
            DefaultValueFactory = static _ => [SeriesProfile.Full],
            AllowMultipleArgumentsPerToken = true,
        };
        Option<bool> noModel = new("--no-model") { Description = "The experts alone, without the GRU." };
        Option<int> seed = new("--seed") { Description = "Of the model's weights and training.", DefaultValueFactory = _ => 1 };
        Option<bool> json = new("--json") { Description = "One JSON object to standard output, progress to standard error." };
        Option<string?> plot = new("--plot") { Description = "A folder for an SVG picture per column, of forecast against actual." };
        Command command = new("forecast", "Backtest forecasts on a CSV. Example: backtest forecast --csv ETTh2.csv --time date --train-rows 2880 --online-from 3600")
        {
            csv, time, rows, train, online, horizons, profiles, noModel, seed, json, plot,
        };
        command.SetAction(parsed =>
        {
            TextWriter error = parsed.InvocationConfiguration.Error;
            try
            {
                SeriesTable table = SeriesTableReader.Read(parsed.GetValue(csv)!, parsed.GetValue(time)!, parsed.GetValue(rows), error);
                ForecastBacktestOptions options = new()
                {
                    TrainRows = parsed.GetValue(train),
                    OnlineFrom = parsed.GetValue(online),
                    Horizons = Horizons(parsed.GetValue(horizons)!),
                    Model = parsed.GetValue(noModel) ? null : new ModelOptions(),
                    Training = new BacktestTrainingOptions { Seed = parsed.GetValue(seed) },
                };
                SeriesProfile[] wanted = parsed.GetValue(profiles)!;
                if (wanted.Length > 1 && (parsed.GetValue(json) || parsed.GetValue(plot) is not null))
                {
                    throw new InvalidDataException("--json and --plot show one --profile.");
                }

                foreach (SeriesProfile profile in wanted)
                {
                    if (wanted.Length > 1)
                    {
                        parsed.InvocationConfiguration.Output.WriteLine($"profile {profile}");
                    }

                    Run(table, options with { Profile = profile }, parsed.GetValue(json), parsed.GetValue(plot), parsed.InvocationConfiguration.Output, error);
                }

                return 0;
            }
            catch (Exception e) when (e is InvalidDataException or ArgumentException or IOException or UnauthorizedAccessException)
            {
                error.WriteLine(e.Message.Split(" (Parameter", 2)[0]);
                return e is InvalidDataException or ArgumentException ? SettingsFile.ExitWrong : 1;
            }
        });
        return command;
    }

    static void Run(SeriesTable table, ForecastBacktestOptions options, bool json, string? plot, TextWriter output, TextWriter error)
    {
        ForecastBacktest backtest = new(table, options);
        Stopwatch clock = Stopwatch.StartNew();
        Stopwatch training = new();
        TextWriter progress = json ? error : output;
        backtest.Training = begins =>
        {
            if (begins)
            {
                training.Start();
            }
            else
            {
                training.Stop();
            }
        };
        backtest.RowDone = row =>
        {
            if ((row + 1) % 2_000 == 0)
            {
                progress.WriteLine($"{row + 1} of {table.Rows} rows, {clock.Elapsed.TotalSeconds:F0} s");
            }
        };
        ForecastPicture? picture = plot is null ? null : new ForecastPicture(table, options);
        backtest.Forecasted = picture is null ? null : picture.Keep;
        IReadOnlyList<BacktestLine> lines = backtest.Run();
        clock.Stop();
        BacktestReport report = new(lines, table, clock.Elapsed - training.Elapsed, training.Elapsed);
        output.Write(json ? report.ToJson() : report.ToText());
        if (picture is not null)
        {
            progress.WriteLine($"{picture.Write(plot!)} pictures in {plot}");
        }
    }

    static int[] Horizons(string text)
    {
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries);
        int[] horizons = new int[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], CultureInfo.InvariantCulture, out horizons[i]) || horizons[i] is < 1 or > 512)
            {
                throw new InvalidDataException($"--horizons {text}: \"{parts[i]}\" is not a whole number from 1 to 512.");
            }
        }

        return horizons;
    }
}
