using StreamForecaster.Windowing;

namespace StreamForecaster.Backtesting;

/// <summary>Draws training windows from the rows that have arrived, each scaled as its series was when the forecast was due.</summary>
sealed class WindowBatch
{
    const int Features = ModelFeatures.Count;
    const double TargetMax = 16;

    readonly SeriesTable _table;
    readonly (double Center, double Scale)[][] _scales;
    readonly int _lookback;
    readonly int _horizons;
    readonly Random _random;
    readonly float[] _inputs;
    readonly float[] _targets;

    public WindowBatch(SeriesTable table, (double Center, double Scale)[][] scales, int count, int lookback, int horizons, int seed)
    {
        (_table, _scales, Count, _lookback, _horizons) = (table, scales, count, lookback, horizons);
        _random = new Random(seed);
        _inputs = new float[count * lookback * Features];
        _targets = new float[count * horizons];
        TargetUnits = [.. Enumerable.Range(1, horizons).Select(h => MathF.Sqrt((float)h / horizons))];
    }

    public int Count { get; }

    /// <summary>[window, lookback, features].</summary>
    public ReadOnlySpan<float> Inputs => _inputs;

    /// <summary>[horizon]: what a change is divided by, √(h / H), or the long horizons, whose changes are largest, would make most of the loss.</summary>
    public float[] TargetUnits { get; }

    /// <summary>[window, horizon]: changes from the last input, in scales and target units; not a number where there is no value.</summary>
    public ReadOnlySpan<float> Targets => _targets;

    /// <summary>Fills the batch with windows whose inputs and targets lie in the rows from..to, to excluded.</summary>
    public void Draw(int from, int to)
    {
        for (var i = 0; i < Count; i++)
        {
            var series = _random.Next(_table.Columns.Length);
            var origin = _random.Next(from + _lookback - 1, to - _horizons);
            Fill(series, origin, _inputs.AsSpan(i * _lookback * Features, _lookback * Features), _targets.AsSpan(i * _horizons, _horizons));
        }
    }

    void Fill(int series, int origin, Span<float> inputs, Span<float> targets)
    {
        var column = _table.Columns[series];
        var (center, scale) = _scales[series][origin];
        for (var j = 0; j < _lookback; j++)
        {
            var row = origin - _lookback + 1 + j;
            var missing = double.IsNaN(column[row]);
            var scaled = missing ? 0 : (float)((column[row] - center) / scale);
            ModelFeatures.Fill(inputs.Slice(j * Features, Features), scaled, missing, _table.Times[row]);
        }

        for (var h = 0; h < targets.Length; h++)
        {
            targets[h] = (float)Math.Clamp((column[origin + h + 1] - column[origin]) / scale / TargetUnits[h], -TargetMax, TargetMax);
        }
    }
}
