using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using StreamForecaster.Backtesting;
using StreamForecaster.Grouping;
using StreamForecaster.Learning.Tables;
using StreamForecaster.Models;
using StreamForecaster.Windowing;
using StreamForecaster.Worker.Configuration;
using StreamForecaster.Worker.State;
using StreamForecaster.Worker.Training;

namespace StreamForecaster.Worker.Commands;

/// <summary><c>train</c>: a model from files, new or from another's weights. The form is the settings' (or a group's of them).</summary>
public static partial class TrainCommand
{
    static readonly TableTrainingOptions Usual = new();
    static readonly Option<string[]> Data = new("--data") { Description = "CSV files: a header, a time column, columns of numbers, each a series.", AllowMultipleArgumentsPerToken = true };
    static readonly Option<string> Out = new("--out") { Description = "The file of the model (safetensors).", Required = true };
    static readonly Option<string?> From = new("--from") { Description = "Start from this model; where its form is another, from its encoder (a torch.nn.GRU's state dict will do)." };
    static readonly Option<string[]> Freeze = new("--freeze") { Description = "Parts that stay as they are, such as encoder.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [] };
    static readonly Option<string?> Time = new("--time") { Description = "The time column; by default the first with a usual name." };
    static readonly Option<string?> Config = new("--config", "-c") { Description = "The settings file whose learn.model is the form, and whose learn.engine trains." };
    static readonly Option<string?> Group = new("--group") { Description = "The series group of the settings whose model is the form." };
    static readonly Option<int> Steps = Of("--steps", "Gradient steps at most.", Usual.Steps);
    static readonly Option<int> BatchSize = Of("--batch-size", "Windows a gradient step.", Usual.BatchSize);
    static readonly Option<int> Windows = Of("--windows", "Windows taken from the files at most, evenly.", Usual.Windows);
    static readonly Option<double> HeldBack = Of("--held-back", "The last share of every file's rows: not trained on, it says when to stop.", Usual.HeldBack);
    static readonly Option<double> LearningRate = Of("--learning-rate", "The top of the schedule.", Usual.LearningRate);
    static readonly Option<int> Patience = Of("--patience", "Looks at the held-back loss without a new best before it stops.", Usual.Patience);
    static readonly Option<int> Seed = Of("--seed", "Of the weights and of the drawing of windows.", Usual.Seed);
    static readonly Option<bool> Json = new("--json") { Description = "One JSON object to standard output, progress to standard error." };

    /// <summary>The command line of it.</summary>
    public static Command Create()
    {
        Command command = new("train", "Train a model on CSV files or on a database's history. Example: train --data ETTh2.csv --out model.safetensors")
        {
            Data, FromInflux, Query, Out, ChampionOf, Store, From, Freeze, Time, Config, Group, Steps, BatchSize, LearningRate, Patience, HeldBack, Windows, Seed, Json,
        };
        command.SetAction(parsed =>
        {
            TextWriter error = parsed.InvocationConfiguration.Error;
            if (SettingsFile.Load(parsed.GetValue(Config), error) is not Settings settings)
            {
                return SettingsFile.ExitWrong;
            }

            TableTrainingOptions options = Options(parsed);
            List<string> wrong = [];
            new SettingsRules(wrong, new Dictionary<string, string>(StringComparer.Ordinal)).Check(options, "");
            wrong.ForEach(error.WriteLine);
            if (wrong.Count > 0)
            {
                return SettingsFile.ExitWrong;
            }

            try
            {
                Run(parsed, settings, options, parsed.InvocationConfiguration.Output, error);
                return 0;
            }
            catch (Exception e) when (e is InvalidDataException or ArgumentException or FormatException or IOException or UnauthorizedAccessException)
            {
                error.WriteLine(e.Message.Split(" (Parameter", 2)[0]);
                return 1;
            }
        });
        return command;
    }

    static TableTrainingOptions Options(ParseResult parsed) => new()
    {
        Steps = parsed.GetValue(Steps),
        BatchSize = parsed.GetValue(BatchSize),
        LearningRate = parsed.GetValue(LearningRate),
        Patience = parsed.GetValue(Patience),
        HeldBack = parsed.GetValue(HeldBack),
        Windows = parsed.GetValue(Windows),
        Frozen = parsed.GetValue(Freeze)!,
        Seed = parsed.GetValue(Seed),
    };

    static void Run(ParseResult parsed, Settings settings, TableTrainingOptions options, TextWriter output, TextWriter error)
    {
        bool json = parsed.GetValue(Json);
        TextWriter progress = json ? error : output;
        Forecaster model = Start(parsed, Spec(settings, parsed.GetValue(Group)), progress);
        SeriesTable[] tables = Tables(parsed, error);
        TableSamples samples = new(tables, model.Spec, options);
        progress.WriteLine($"{samples.TrainCount} windows to train on, {samples.HeldBackCount} held back; losses are pinball losses in scaled units");
        TableTraining training = new(model, samples, options, TrainingEngines.Open(settings.Learn))
        {
            Looked = now => progress.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"step {now.Step} of {options.Steps}: loss {now.TrainingLoss:F5}, held back {now.HeldBackLoss:F5} (last value {now.LastValueLoss:F5})")),
        };
        TableProgress best = training.Run();
        string file = parsed.GetValue(Out)!;
        DurableFile.Write(file, ModelFile.Write(model, Metadata(best, options.Seed)));
        if (parsed.GetValue(ChampionOf) is string group)
        {
            Crown(group, parsed.GetValue(Store)!, model, best, tables, samples.HeldBackCount, progress);
        }

        if (json)
        {
            WriteJson(output, best, samples, file, options.Seed);
            return;
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{file}: the weights of step {best.Step}, held back {best.HeldBackLoss:F5}, last value {best.LastValueLoss:F5}"));
    }

    static ModelSpec Spec(Settings settings, string? group)
    {
        SeriesGroupOptions? rule = group is null ? null
            : settings.Series.Groups.FirstOrDefault(g => string.Equals(g.Name, group, StringComparison.Ordinal))
                ?? throw new InvalidDataException($"--group {group}: the settings have no such group; there are {string.Join(", ", settings.Series.Groups.Select(g => g.Name))}");
        return settings.ToLane().ModelSpec(rule);
    }

    static Forecaster Start(ParseResult parsed, ModelSpec spec, TextWriter progress)
    {
        if (parsed.GetValue(From) is not string from)
        {
            return Forecaster.Create(spec, parsed.GetValue(Seed));
        }

        byte[] file = ModelPath.Read(from);
        Forecaster other = ModelPath.Parse(from, () => ModelFile.Read(file));
        // Without settings the form is the file's own, if a series can feed it.
        if (other.Spec == spec || (parsed.GetValue(Config) is null && other.Spec is { Inputs: ModelFeatures.Count, GapInput: ModelFeatures.Gap }))
        {
            progress.WriteLine($"from all of {from}");
            return other;
        }

        Forecaster model = Forecaster.Create(spec, parsed.GetValue(Seed));
        ModelPath.Parse(from, () =>
        {
            ModelFile.ReadEncoder(file, model);
            return model;
        });
        progress.WriteLine($"from the encoder of {from}");
        return model;
    }

    static Dictionary<string, string> Metadata(TableProgress best, int seed) => new(StringComparer.Ordinal)
    {
        ["seed"] = seed.ToString(CultureInfo.InvariantCulture),
        ["steps"] = best.Step.ToString(CultureInfo.InvariantCulture),
        ["heldBackLoss"] = best.HeldBackLoss.ToString("R", CultureInfo.InvariantCulture),
        ["lastValueLoss"] = best.LastValueLoss.ToString("R", CultureInfo.InvariantCulture),
    };

    static void WriteJson(TextWriter output, TableProgress best, TableSamples samples, string file, int seed)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            json.WriteString("out", file);
            json.WriteNumber("seed", seed);
            json.WriteNumber("windows", samples.TrainCount);
            json.WriteNumber("held_back_windows", samples.HeldBackCount);
            json.WriteNumber("best_step", best.Step);
            json.WriteNumber("held_back_loss", best.HeldBackLoss);
            json.WriteNumber("last_value_loss", best.LastValueLoss);
            json.WriteEndObject();
        }

        output.WriteLine(System.Text.Encoding.UTF8.GetString(bytes.ToArray()));
    }

    static Option<T> Of<T>(string name, string description, T usual) => new(name) { Description = description, DefaultValueFactory = _ => usual };
}
