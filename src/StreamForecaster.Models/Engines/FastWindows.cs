using StreamForecaster.Models.Heads;

namespace StreamForecaster.Models.Engines;

/// <summary>The fast engine for windows. Blocks are large enough that a pack of weights serves four tiles while it is near.</summary>
sealed unsafe class FastWindows(ModelSpec spec, Weights weights) : IWindowEngine
{
    const int BlockRows = 16;

    readonly FastWeights _weights = new(spec, weights);
    FastForward? _forward;

    public void Predict(int batch, int steps, ReadOnlySpan<float> inputs, ReadOnlySpan<float> known, Span<float> output)
    {
        _weights.Refresh();
        int wanted = Math.Min(batch, BlockRows);
        if (_forward is null || _forward.Capacity < wanted) _forward = new FastForward(_weights, wanted == 1 ? 1 : BlockRows, keepGates: false);
        int inputWidth = steps * spec.Inputs, width = spec.OutputSize;
        fixed (float* start = inputs)
            for (int first = 0; first < batch; first += BlockRows)
            {
                int rows = Math.Min(BlockRows, batch - first);
                _forward.Run(rows, start + (nint)first * inputWidth, steps);
                for (int row = 0; row < rows; row++) SortQuantiles.Sort(_forward.Raw(row), output.Slice((first + row) * width, width), spec.Quantiles.Length);
            }
    }
}
