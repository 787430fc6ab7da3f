using System.Runtime.InteropServices;
using StreamForecaster.Learning;
using StreamForecaster.Models;
using StreamForecaster.Windowing;

namespace StreamForecaster.Backtesting;

/// <summary>
/// The model of a backtest: one for all series, in its streaming form, trained on the first rows and then, every few rows,
/// on windows whose last target has arrived.
/// </summary>
sealed class BacktestModel
{
    const int Inputs = ModelFeatures.Count;

    readonly SeriesTable _table;
    readonly BacktestTrainingOptions _options;
    readonly SeriesWindow _window;
    readonly byte[][] _windows;
    readonly SeriesWindow.Header[][] _scales;
    readonly Forecaster _model;
    readonly int _lookback;
    readonly int _horizons;
    readonly byte[] _states;
    readonly nint[] _addresses;
    readonly int _stateBytes;
    readonly float[] _step;
    readonly float[] _past;
    readonly float[] _output;
    readonly WindowBatch _batch;
    ModelTraining? _training;
    StreamingForecaster? _stream;

    public BacktestModel(SeriesTable table, ModelOptions model, BacktestTrainingOptions options)
    {
        (_table, _options) = (table, options);
        var spec = model.ToSpec(Inputs, 1);
        (_lookback, _horizons) = (spec.Lookback, spec.Horizons);
        _model = Forecaster.Create(spec, options.Seed);
        _window = new SeriesWindow(_lookback, _horizons);
        var series = table.Columns.Length;
        _windows = [.. table.Columns.Select(_ => new byte[_window.StateBytes])];
        _scales = [.. table.Columns.Select(_ => new SeriesWindow.Header[table.Rows])];
        _stateBytes = new StreamingForecaster(_model, RingPrecision.Q15).StateBytes;
        _states = GC.AllocateArray<byte>((series * _stateBytes) + 64, pinned: true);
        var first = (Marshal.UnsafeAddrOfPinnedArrayElement(_states, 0) + 63) & ~(nint)63;
        _addresses = [.. Enumerable.Range(0, series).Select(i => first + (i * _stateBytes))];
        _step = new float[series * Inputs];
        _past = new float[_lookback * Inputs];
        _output = new float[series * spec.OutputSize];
        _batch = new WindowBatch(table, _scales, options.Batch, _lookback, _horizons, options.Seed);
    }

    /// <summary>True once the model has been trained.</summary>
    public bool Answers => _stream is not null;

    /// <summary>Takes in a row. Its values are appended to the windows, and, once trained, to the encoder's states.</summary>
    public void Observe(int row)
    {
        for (var i = 0; i < _windows.Length; i++)
        {
            var value = _table.Columns[i][row];
            var missing = double.IsNaN(value);
            ref var head = ref SeriesWindow.Head(_windows[i]);
            var rescaled = _window.Append(_windows[i], missing ? head.Last : value, missing, _table.Times[row].Index);
            _scales[i][row] = head;
            Features(i, row, row, _step.AsSpan(i * Inputs, Inputs));
            if (rescaled && _stream is not null)
            {
                Encode(i, row - 1);
            }
        }

        _stream?.Step(_addresses, _step, _output);
    }

    /// <summary>The newest forecasts of one series in its own units, [horizon, quantile].</summary>
    public void Forecast(int series, int row, Span<double> forecasts)
    {
        ref var head = ref SeriesWindow.Head(_windows[series]);
        var output = _output.AsSpan(series * forecasts.Length, forecasts.Length);
        var quantiles = forecasts.Length / _horizons;
        for (var i = 0; i < output.Length; i++)
        {
            forecasts[i] = head.Last + (output[i] * SeriesWindow.ChangeUnit(head, (i / quantiles) + 1));
        }
    }

    /// <summary>The first training, on windows whose targets lie within the rows so far.</summary>
    public void Train(int rows)
    {
        var options = Options(_options.LearningRate, _options.FirstSteps, ScheduleKind.WarmUpCosine);
        var training = new ModelTraining(_model, options);
        for (var i = 0; i < _options.FirstSteps; i++)
        {
            _batch.Draw(0, rows);
            training.Step(_batch.Count, _batch.Inputs, [], _batch.Targets, []);
        }

        _model.Weights.CopyFrom(training.Averaged!.Weights);
        _training = new ModelTraining(_model, Options(_options.UpdateLearningRate, 1, ScheduleKind.Constant));
        Renew(rows - 1);
    }

    /// <summary>Learns a little from what has arrived by now.</summary>
    public void Update(int rows)
    {
        for (var i = 0; i < _options.UpdateSteps; i++)
        {
            _batch.Draw(i % 2 == 0 ? Math.Max(0, rows - _options.RecentRows - _lookback - _horizons) : 0, rows);
            _training!.Step(_batch.Count, _batch.Inputs, [], _batch.Targets, []);
        }

        Renew(rows - 1);
    }

    TrainingOptions Options(double rate, int steps, ScheduleKind schedule) => new()
    {
        LearningRate = rate,
        TotalSteps = Math.Max(1, steps),
        Schedule = schedule,
        HuberWeight = _options.HuberWeight,
        HuberDelta = _options.HuberDelta,
        AverageDecay = _options.AverageDecay,
        Seed = _options.Seed,
    };

    /// <summary>The streaming form of the changed model, every series encoded anew.</summary>
    void Renew(int row)
    {
        _stream = new StreamingForecaster(_training!.Averaged!, RingPrecision.Q15);
        for (var i = 0; i < _windows.Length; i++)
        {
            Encode(i, row);
        }
    }

    unsafe void Encode(int series, int row)
    {
        _stream!.Initialize(new Span<byte>((void*)_addresses[series], _stateBytes));
        var steps = Math.Min(_lookback, row + 1);
        if (steps <= 0)
        {
            return;
        }

        for (var i = 0; i < steps; i++)
        {
            Features(series, row - steps + 1 + i, Math.Min(row + 1, _table.Rows - 1), _past.AsSpan(i * Inputs, Inputs));
        }

        _stream.Reencode(_addresses[series], _past.AsSpan(0, steps * Inputs));
    }

    /// <summary>A row's features, scaled as the window was at another row.</summary>
    void Features(int series, int row, int scaledAt, Span<float> features)
    {
        var scale = _scales[series][scaledAt] is { Scale: > 0 } known ? known : _scales[series][row];
        _batch.Features(series, row, scale, features);
    }
}
