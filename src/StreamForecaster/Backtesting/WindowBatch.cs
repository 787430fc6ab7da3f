using StreamForecaster.Windowing;

namespace StreamForecaster.Backtesting;

/// <summary>Draws training windows from the rows that have arrived, each scaled as its series was when the forecast was due.</summary>
sealed class WindowBatch
{
    const int Width = ModelFeatures.Count;
    const double TargetMax = 16;

    readonly SeriesTable _table;
    readonly SeriesWindow.Header[][] _scales;
    readonly int _lookback;
    readonly int _horizons;
    readonly Random _random;
    readonly float[] _inputs;
    readonly float[] _targets;

    public WindowBatch(SeriesTable table, SeriesWindow.Header[][] scales, int count, int lookback, int horizons, int seed)
    {
        (_table, _scales, Count, _lookback, _horizons) = (table, scales, count, lookback, horizons);
        _random = new Random(seed);
        _inputs = new float[count * lookback * Width];
        _targets = new float[count * horizons];
    }

    public int Count { get; }

    /// <summary>[window, lookback, features].</summary>
    public ReadOnlySpan<float> Inputs => _inputs;

    /// <summary>[window, horizon]: changes from the last input, in <see cref="SeriesWindow.ChangeUnit"/>; not a number where there is no value.</summary>
    public ReadOnlySpan<float> Targets => _targets;

    /// <summary>Fills the batch with windows whose inputs and targets lie in the rows from..to, to excluded.</summary>
    public void Draw(int from, int to)
    {
        for (var i = 0; i < Count; i++)
        {
            var series = _random.Next(_table.Columns.Length);
            var origin = _random.Next(from + _lookback - 1, to - _horizons);
            Fill(series, origin, _inputs.AsSpan(i * _lookback * Width, _lookback * Width), _targets.AsSpan(i * _horizons, _horizons));
        }
    }

    /// <summary>A row's features at the scale of a header.</summary>
    public void Features(int series, int row, in SeriesWindow.Header scale, Span<float> features)
    {
        var column = _table.Columns[series];
        var missing = double.IsNaN(column[row]);
        var scaled = missing ? 0 : (column[row] - scale.Center) / scale.Scale;
        var change = row > 0 ? (column[row] - column[row - 1]) / SeriesWindow.UsualChange(scale) : 0;
        ModelFeatures.Fill(features, (float)scaled, double.IsNaN(change) ? 0 : (float)change, missing, _table.Times[row]);
    }

    void Fill(int series, int origin, Span<float> inputs, Span<float> targets)
    {
        var column = _table.Columns[series];
        ref var scale = ref _scales[series][origin];
        for (var j = 0; j < _lookback; j++)
        {
            Features(series, origin - _lookback + 1 + j, scale, inputs.Slice(j * Width, Width));
        }

        for (var h = 0; h < targets.Length; h++)
        {
            targets[h] = (float)Math.Clamp((column[origin + h + 1] - column[origin]) / SeriesWindow.ChangeUnit(scale, h + 1), -TargetMax, TargetMax);
        }
    }
}
