using StreamForecaster.Models.Graphs;
using StreamForecaster.Models.Kernels;

namespace StreamForecaster.Models.Engines;

/// <summary>The graph engine for windows: every form of the family.</summary>
sealed class GraphWindows : IWindowEngine
{
    readonly ModelSpec _spec;
    readonly Parameters _parameters;
    readonly WindowNetwork _network;

    public GraphWindows(ModelSpec spec, Weights weights)
    {
        _spec = spec;
        _parameters = new Parameters(weights, null);
        _network = new WindowNetwork(spec, _parameters, withGradients: false);
    }

    public void Predict(int batch, int steps, ReadOnlySpan<float> inputs, ReadOnlySpan<float> known, Span<float> output)
    {
        _parameters.Refresh();
        int inputWidth = steps * _spec.Inputs, knownWidth = _spec.Known * _spec.Horizons, width = _spec.OutputSize;
        for (int first = 0; first < batch; first += WindowNetwork.BlockRows)
        {
            int rows = Math.Min(WindowNetwork.BlockRows, batch - first);
            _network.Forward(rows, steps, inputs.Slice(first * inputWidth, rows * inputWidth), known.Slice(first * knownWidth, rows * knownWidth));
            for (int row = 0; row < rows; row++) _network.Head.Output.Row(row).CopyTo(output.Slice((first + row) * width, width));
        }
    }

    /// <summary>Adds the mean attention of one window's forecast over heads, rounds and horizons to weights [lookback].</summary>
    public void Attention(int steps, ReadOnlySpan<float> inputs, ReadOnlySpan<float> known, Span<float> weights)
    {
        _parameters.Refresh();
        _network.Forward(1, steps, inputs, known);
        foreach (Tensor look in _network.Looks) Rows.AddScaled(1f / _network.Looks.Count, look.Row(0), weights);
    }
}
