using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using StreamForecaster.Backtesting;
using StreamForecaster.Forecasting;
using StreamForecaster.Learning.Tables;
using StreamForecaster.Models;
using StreamForecaster.Worker.Commands.Backtests;
using StreamForecaster.Worker.Ingestion.Replay;

namespace StreamForecaster.Worker.Commands;

/// <summary><c>explain</c>: a model's forecast at one moment of a file, and which past steps it looked at.</summary>
public static class ExplainCommand
{
    const int StepsShown = 10;

    static readonly Option<string> Model = new("--model") { Description = "The model's file (safetensors).", Required = true };
    static readonly Option<string> Data = new("--data") { Description = "A CSV file: a header, a time column, columns of numbers.", Required = true };
    static readonly Option<string> At = new("--at") { Description = "The last step that the forecast sees: a time, or a row counted from 0.", Required = true };
    static readonly Option<string?> Series = new("--series") { Description = "The column; by default the first." };
    static readonly Option<string?> Time = new("--time") { Description = "The time column; by default the first with a usual name." };
    static readonly Option<bool> Json = new("--json") { Description = "One JSON object, with every step's weight." };

    /// <summary>The command line of it.</summary>
    public static Command Create()
    {
        Command command = new("explain", "Show a forecast and what it looked at. Example: explain --model model.safetensors --data ETTh2.csv --series OT --at 2017-03-01T12:00:00")
        {
            Model, Data, At, Series, Time, Json,
        };
        command.SetAction(parsed =>
        {
            try
            {
                Run(parsed, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
                return 0;
            }
            catch (Exception e) when (e is InvalidDataException or ArgumentException or IOException or UnauthorizedAccessException)
            {
                parsed.InvocationConfiguration.Error.WriteLine(e.Message.Split(" (Parameter", 2)[0]);
                return 1;
            }
        });
        return command;
    }

    static void Run(ParseResult parsed, TextWriter output, TextWriter error)
    {
        string file = parsed.GetValue(Model)!;
        byte[] bytes = ModelPath.Read(file);
        Forecaster model = ModelPath.Parse(file, () => ModelFile.Read(bytes));
        SeriesTable table = SeriesTableReader.Read(parsed.GetValue(Data)!, parsed.GetValue(Time), notes: error);
        int column = Column(table, parsed.GetValue(Series));
        int row = Row(table, parsed.GetValue(At)!);
        ForecastExplanation explanation = ForecastExplanation.At(table, column, row, model);
        output.Write(parsed.GetValue(Json)
            ? ToJson(explanation, model.Spec, table.Names[column], row)
            : ToText(explanation, model.Spec, table.Names[column], row));
    }

    static int Column(SeriesTable table, string? name)
    {
        int column = name is null ? 0 : table.Names.ToList().FindIndex(known => string.Equals(known, name, StringComparison.Ordinal));
        return column >= 0 ? column : throw new InvalidDataException($"--series {name}: no such column; there are {string.Join(", ", table.Names)}");
    }

    // A whole number below the file's rows is a row; Unix seconds are far above.
    static int Row(SeriesTable table, string at)
    {
        if (int.TryParse(at, CultureInfo.InvariantCulture, out int row) && row < table.Rows && row >= 0)
        {
            return row;
        }

        if (!TimeColumn.TryParse(at, out long ns) || ns < table.Times[0].UnixNs || ns >= table.Times[^1].UnixNs + table.StepNs)
        {
            throw new InvalidDataException(
                $"--at {at}: not in the file; allowed: a row from 0 to {table.Rows - 1}, or a time from {Text(table.Times[0])} to {Text(table.Times[^1])}");
        }

        return (int)((ns - table.Times[0].UnixNs) / table.StepNs);
    }

    static string ToText(ForecastExplanation explanation, ModelSpec spec, string series, int row)
    {
        StringBuilder text = new();
        Line($"{series} at {Text(explanation.Origin)} (row {row}): {explanation.Last:G6}");
        for (int h = 0; h < explanation.Quantiles.Count; h++)
        {
            IEnumerable<string> quantiles = spec.Quantiles.Zip(explanation.Quantiles[h]).Select(q => string.Create(CultureInfo.InvariantCulture, $"{q.First:P0} {q.Second:G6}"));
            Line($"  +{h + 1}: {string.Join(", ", quantiles)}");
        }

        if (spec.Attention == AttentionKind.None)
        {
            Line($"the model has no attention: it sees the last {spec.Lookback} steps through its state alone");
            return text.ToString();
        }

        Line($"it looked most at, of {spec.Lookback} steps:");
        foreach ((int back, SeenStep step) in explanation.Seen.Select((step, i) => (spec.Lookback - 1 - i, step)).OrderByDescending(s => s.step.Weight).Take(StepsShown))
        {
            Line($"  {step.Weight,6:P1}  {back} back, {Text(step.Time)}: {(step.IsMissing ? "missing" : step.Value.ToString("G6", CultureInfo.InvariantCulture))}");
        }

        return text.ToString();

        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }

    static string ToJson(ForecastExplanation explanation, ModelSpec spec, string series, int row)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            json.WriteString("series", series);
            json.WriteString("at", Text(explanation.Origin));
            json.WriteNumber("row", row);
            json.WriteNumber("value", explanation.Last);
            json.WriteStartArray("forecast");
            for (int h = 0; h < explanation.Quantiles.Count; h++)
            {
                json.WriteStartObject();
                json.WriteNumber("horizon", h + 1);
                for (int q = 0; q < spec.Quantiles.Length; q++)
                {
                    json.WriteNumber(spec.Quantiles[q].ToString(CultureInfo.InvariantCulture), explanation.Quantiles[h][q]);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("attention");
            for (int i = 0; i < explanation.Seen.Count; i++)
            {
                SeenStep step = explanation.Seen[i];
                json.WriteStartObject();
                json.WriteNumber("back", spec.Lookback - 1 - i);
                json.WriteString("time", Text(step.Time));
                json.WriteNumber("value", step.Value);
                json.WriteBoolean("missing", step.IsMissing);
                json.WriteNumber("weight", step.Weight);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.ToArray()) + "\n";
    }

    static string Text(StepTime time) =>
        DateTimeOffset.UnixEpoch.AddTicks(time.UnixNs / TimeSpan.NanosecondsPerTick).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
