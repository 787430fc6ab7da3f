using StreamForecaster.Models.Kernels;

namespace StreamForecaster.Models.Engines;

/// <summary>
/// The forward pass of a block of rows over a window. States lie [step, row, unit], the state before the window first; a step
/// is one cache line longer than its rows, or attention's walk along one row would fall on a few cache sets.
/// </summary>
sealed unsafe class FastForward
{
    const int LineFloats = 16;

    readonly FastWeights _weights;
    readonly FloatBlock _states, _gates, _query, _looks, _features, _raw;
    readonly bool _keepGates;

    /// <param name="weights">Refreshed by the caller before each pass.</param>
    /// <param name="capacity">Rows of a block.</param>
    /// <param name="keepGates">Keep every step's gates, for a backward pass.</param>
    public FastForward(FastWeights weights, int capacity, bool keepGates)
    {
        (_weights, Capacity, _keepGates) = (weights, capacity, keepGates);
        (Hidden, Lookback) = (weights.Hidden, weights.Spec.Lookback);
        StepStride = capacity * Hidden + LineFloats;
        LookStride = (Lookback + 7) & ~7;
        _states = new FloatBlock((Lookback + 1) * StepStride);
        _gates = new FloatBlock((keepGates ? Lookback : 1) * capacity * 4 * Hidden);
        _query = new FloatBlock(capacity * Hidden);
        _looks = new FloatBlock(capacity * LookStride);
        _features = new FloatBlock(capacity * 2 * Hidden);
        _raw = new FloatBlock(capacity * weights.OutputStride);
    }

    public int Capacity { get; }

    public int Hidden { get; }

    public int Lookback { get; }

    /// <summary>From a step's states to the next step's.</summary>
    public int StepStride { get; }

    public int LookStride { get; }

    /// <summary>[row, state then read].</summary>
    public FloatBlock Features => _features;

    public FloatBlock Query => _query;

    /// <summary>The attention's weights [row, step].</summary>
    public FloatBlock Looks => _looks;

    /// <summary>The states before step <paramref name="step"/>, 0..lookback.</summary>
    public float* States(int step) => _states.Pointer + step * StepStride;

    /// <summary>The gates [row; n, r, z, m] of a step.</summary>
    public float* Gates(int step) => _gates.Pointer + (_keepGates ? (nint)step * Capacity * 4 * Hidden : 0);

    /// <summary>The head's outputs of a row, not yet sorted along the quantiles.</summary>
    public ReadOnlySpan<float> Raw(int row) => _raw.Span.Slice(row * _weights.OutputStride, _weights.Outputs);

    /// <summary>Runs rows of inputs [row, step, input] to the raw outputs.</summary>
    public void Run(int rows, float* inputs, int steps)
    {
        int width = _weights.Inputs, skipped = steps - Lookback;
        nint row = (nint)steps * width;
        new Span<float>(States(0), rows * Hidden).Clear();
        for (int step = 0; step < skipped; step++)
        {
            Step(rows, inputs + step * width, row, States(0), States(1), Gates(0));
            new Span<float>(States(1), rows * Hidden).CopyTo(new Span<float>(States(0), rows * Hidden));
        }
        inputs += skipped * width;
        for (int step = 0; step < Lookback; step++) Step(rows, inputs + step * width, row, States(step), States(step + 1), Gates(step));
        Look(rows, inputs, row);
        Span<float> raw = _raw.Span[..(rows * _weights.OutputStride)];
        for (int i = 0; i < rows; i++) _weights.HeadBias.Span.CopyTo(raw[(i * _weights.OutputStride)..]);
        MatrixProduct.Add(
            _features.Span, 2 * Hidden, 1, _weights.Head.Span, _weights.OutputStride, raw, _weights.OutputStride, rows, 2 * Hidden, _weights.OutputStride);
    }

    void Step(int rows, float* x, nint xRow, float* before, float* after, float* gates)
    {
        int hidden = Hidden, gateRow = 4 * hidden;
        GruTiles.Step(rows, x, xRow, _weights.Inputs, before, hidden, hidden, _weights.Gates.Pointer, gates, gateRow);
        GruGateRows.Forward(gates, gateRow, before, hidden, after, hidden, rows, hidden);
    }

    void Look(int rows, float* window, nint inputRow)
    {
        Span<float> features = _features.Span, query = _query.Span[..(rows * Hidden)];
        for (int row = 0; row < rows; row++)
            new Span<float>(States(Lookback) + row * Hidden, Hidden).CopyTo(features[(row * 2 * Hidden)..]);
        query.Clear();
        MatrixProduct.Add(features, 2 * Hidden, 1, _weights.Query.Span, Hidden, query, Hidden, rows, Hidden, Hidden);
        for (int row = 0; row < rows; row++)
        {
            float* states = States(1) + row * Hidden, look = _looks.Pointer + row * LookStride;
            AttentionRows.Scores(_query.Pointer + row * Hidden, states, StepStride, Lookback, Hidden, look);
            Mask(window + row * inputRow, look);
            AttentionRows.Softmax(look, LookStride);
            AttentionRows.Read(look, states, StepStride, Lookback, Hidden, _features.Pointer + row * 2 * Hidden + Hidden);
        }
    }

    /// <summary>-∞ for gaps and for what fills the row up; the newest step is never masked.</summary>
    void Mask(float* window, float* look)
    {
        for (int t = Lookback; t < LookStride; t++) look[t] = float.NegativeInfinity;
        int gap = _weights.Spec.GapInput;
        if (gap < 0) return;
        for (int t = 0; t < Lookback - 1; t++)
            if (window[t * _weights.Inputs + gap] != 0) look[t] = float.NegativeInfinity;
    }
}
