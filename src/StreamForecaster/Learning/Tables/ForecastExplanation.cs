using StreamForecaster.Backtesting;
using StreamForecaster.Forecasting;
using StreamForecaster.Models;
using StreamForecaster.Windowing;

namespace StreamForecaster.Learning.Tables;

/// <summary>A past step that the forecast saw. Weights of all steps sum to 1, or are 0 for a model without attention.</summary>
public readonly record struct SeenStep(StepTime Time, double Value, bool IsMissing, double Weight);

/// <summary>One forecast of a table's series in the windowed form, with what it looked at.</summary>
/// <param name="Origin">The step it was made at.</param>
/// <param name="Last">The series' value there.</param>
/// <param name="Quantiles">[horizon][quantile], in the series' own units.</param>
/// <param name="Seen">The lookback, oldest first.</param>
public sealed record ForecastExplanation(StepTime Origin, double Last, IReadOnlyList<double[]> Quantiles, IReadOnlyList<SeenStep> Seen)
{
    /// <summary>Forecasts at a row from the rows up to it, scaled as a lane would have by then.</summary>
    /// <exception cref="ArgumentException">The model does not take a lane's inputs, or there are too few rows before.</exception>
    public static ForecastExplanation At(SeriesTable table, int column, int row, Forecaster model)
    {
        ModelSpec spec = model.Spec;
        if (spec.Inputs != ModelFeatures.Count || spec.Outputs != 1 || spec.Known != 0 || spec.Head == HeadKind.Classifier)
        {
            throw new ArgumentException(
                $"the model takes {spec.Inputs} inputs and {spec.Known} known ones and gives {spec.Outputs} outputs; a series has {ModelFeatures.Count}, 0 and 1, and wants no classifier", nameof(model));
        }

        SeriesWindow window = new(spec.Lookback, spec.Horizons);
        byte[] state = new byte[window.StateBytes];
        double last = double.NaN;
        for (int i = 0; i <= row; i++)
        {
            double value = table.Columns[column][i];
            last = double.IsNaN(value) ? last : value;
            if (!double.IsNaN(last))
            {
                window.Append(state, last, double.IsNaN(value), table.Times[i].Index);
            }
        }

        if (SeriesWindow.Head(state).Count < spec.Lookback)
        {
            throw new ArgumentException($"row {row} has {SeriesWindow.Head(state).Count} values up to it; the model sees {spec.Lookback}", nameof(row));
        }

        CalendarClock calendar = new(TimeZoneInfo.Utc);
        float[] inputs = new float[spec.Lookback * spec.Inputs];
        window.Inputs(state, 0, inputs, calendar, table.StepNs);
        float[] changes = new float[spec.OutputSize], weights = new float[spec.Lookback];
        model.Predict(1, inputs, [], changes);
        model.Attention(inputs, [], weights);
        int quantiles = spec.Quantiles.Length;
        return new(
            table.Times[row], last,
            [.. Enumerable.Range(0, spec.Horizons).Select(h => changes[(h * quantiles)..((h + 1) * quantiles)].Select(change => last + (change * SeriesWindow.ChangeUnit(SeriesWindow.Head(state), h + 1))).ToArray())],
            [.. Enumerable.Range(0, spec.Lookback).Select(i =>
            {
                WindowStep step = window.Step(state, spec.Lookback - 1 - i);
                return new SeenStep(calendar.At(step.Index, table.StepNs), step.Value, step.Missing, weights[i]);
            })]);
    }
}
