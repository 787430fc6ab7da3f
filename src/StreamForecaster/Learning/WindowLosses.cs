using StreamForecaster.Models;

namespace StreamForecaster.Learning;

/// <summary>Measures a model, or the last value, on stored samples.</summary>
sealed class WindowLosses
{
    const int BatchWindows = 64;

    readonly double[] _quantiles;
    readonly int _median;
    readonly int _outputs;
    readonly float[] _inputs;
    readonly float[] _known;
    readonly float[] _output;

    public WindowLosses(ModelSpec spec)
    {
        _quantiles = spec.Quantiles;
        _median = MedianIndex(_quantiles);
        _outputs = spec.Horizons * _quantiles.Length;
        _inputs = new float[BatchWindows * spec.Lookback * spec.Inputs];
        _known = new float[BatchWindows * spec.Horizons * spec.Known];
        _output = new float[BatchWindows * _outputs];
    }

    /// <summary>Pinball losses and absolute errors of the median, <c>[window]</c> each; a null model is the last value.</summary>
    public (double[] Pinball, double[] Absolute) Measure(Forecaster? model, SampleStore store, ReadOnlySpan<int> slots)
    {
        double[] pinball = new double[slots.Length];
        double[] absolute = new double[slots.Length];
        for (int first = 0; first < slots.Length; first += BatchWindows)
        {
            ReadOnlySpan<int> batch = slots.Slice(first, Math.Min(BatchWindows, slots.Length - first));
            if (model is not null)
            {
                Predict(model, store, batch);
            }

            for (int b = 0; b < batch.Length; b++)
            {
                ReadOnlySpan<float> targets = store.Targets(batch[b]);
                ReadOnlySpan<float> forecast = model is null ? [] : _output.AsSpan(b * _outputs, _outputs);
                pinball[first + b] = PinballLoss.Of(targets, forecast, _quantiles);
                absolute[first + b] = PinballLoss.AbsoluteError(targets, forecast, _median, _quantiles.Length);
            }
        }

        return (pinball, absolute);
    }

    void Predict(Forecaster model, SampleStore store, ReadOnlySpan<int> batch)
    {
        SampleShape shape = store.Shape;
        for (int b = 0; b < batch.Length; b++)
        {
            store.Inputs(batch[b]).CopyTo(_inputs.AsSpan(b * shape.InputFloats));
            store.Known(batch[b]).CopyTo(_known.AsSpan(b * shape.KnownFloats));
        }

        model.Predict(
            batch.Length, _inputs.AsSpan(0, batch.Length * shape.InputFloats),
            _known.AsSpan(0, batch.Length * shape.KnownFloats), _output.AsSpan(0, batch.Length * _outputs));
    }

    static int MedianIndex(ReadOnlySpan<double> quantiles)
    {
        int nearest = 0;
        for (int q = 1; q < quantiles.Length; q++)
        {
            if (Math.Abs(quantiles[q] - 0.5) < Math.Abs(quantiles[nearest] - 0.5))
            {
                nearest = q;
            }
        }

        return nearest;
    }
}
