using System.CommandLine;
using StreamForecaster.Backtesting;
using StreamForecaster.Learning;
using StreamForecaster.Learning.Tables;
using StreamForecaster.Models;
using StreamForecaster.Worker.Commands.Backtests;
using StreamForecaster.Worker.Training;

namespace StreamForecaster.Worker.Commands;

/// <summary>Where the history comes from, and a champion from it, so that a daemon's first day is not cold.</summary>
public static partial class TrainCommand
{
    const string TokenVariable = "INFLUX_TOKEN";

    static readonly Option<string?> FromInflux = new("--from-influx") { Description = $"A database that answers InfluxQL, such as http://localhost:8086?db=telegraf; a token comes from {TokenVariable}." };
    static readonly Option<string?> Query = new("--query") { Description = "What to ask it, such as SELECT mean(usage_user) FROM cpu WHERE time > now() - 30d GROUP BY time(1m), host, cpu." };
    static readonly Option<string?> ChampionOf = new("--champion-of") { Description = "Also make the model the champion of this series group in --store, if it beats the last value." };
    static readonly Option<string> Store = new("--store") { Description = "The folder of the models.", DefaultValueFactory = _ => Path.Combine("data", "state", "models") };

    static SeriesTable[] Tables(ParseResult parsed, TextWriter notes)
    {
        string? url = parsed.GetValue(FromInflux), query = parsed.GetValue(Query);
        string[] files = parsed.GetValue(Data) ?? [];
        if ((url is null) != (query is null) || (url is null && files.Length == 0))
        {
            throw new InvalidDataException("wanted is --data with CSV files, or --from-influx with an address and --query");
        }

        IEnumerable<SeriesTable> tables = files.Select(file => SeriesTableReader.Read(file, parsed.GetValue(Time)));
        if (url is not null)
        {
            using HttpClient http = new();
            tables = [.. tables, .. InfluxHistory.Read(http, url, query!, Environment.GetEnvironmentVariable(TokenVariable))];
        }

        return [.. tables];
    }

    static void Crown(string group, string folder, Forecaster model, TableProgress best, SeriesTable[] tables, int windows, TextWriter progress)
    {
        // Written so that a loss that is not a number does not win.
        if (!(best.HeldBackLoss < best.LastValueLoss))
        {
            throw new InvalidDataException($"--champion-of {group}: the model does not beat the last value on what was held back; the store is as it was");
        }

        ModelStore store = new(folder, int.MaxValue, TimeProvider.System);
        long version = (store.Read(group)?.LastVersion ?? 0) + 1;
        Comparison won = new(best.HeldBackLoss / best.LastValueLoss, 0);
        StratumLosses losses = new(windows, tables.Sum(table => table.Columns.Length), best.HeldBackLoss, best.LastValueLoss, best.LastValueLoss, won, won, won);
        Verdict verdict = new(true, FormattableString.Invariant($"trained on history: held back {best.HeldBackLoss:G4} against {best.LastValueLoss:G4} of the last value"), losses, null);
        store.Add(new TrainingOutcome(group, version, tables.Max(table => table.Times[^1].UnixNs), model, verdict));
        progress.WriteLine($"version {version} is the champion of {group} in {folder}");
    }
}
