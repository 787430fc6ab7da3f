using StreamForecaster.Models.Attention;
using StreamForecaster.Models.Cells;
using StreamForecaster.Models.Graphs;
using StreamForecaster.Models.Heads;

namespace StreamForecaster.Models.Engines;

/// <summary>
/// The whole model over a window of lookback steps, for blocks of rows. Steps before the window only move the state it starts
/// from (burn-in); no gradient reaches them (truncated backpropagation through time).
/// </summary>
sealed class WindowNetwork
{
    /// <summary>Rows of a block: large enough for the products' tiles, small enough that a training block stays in the second cache.</summary>
    public const int BlockRows = 16;

    readonly ModelSpec _spec;
    readonly Tensor _inputs;
    readonly Tensor? _known, _mask;
    readonly Encoder _encoder;
    readonly EncoderStep? _burnIn;

    public WindowNetwork(ModelSpec spec, Parameters parameters, bool withGradients)
    {
        _spec = spec;
        Graph = new Graph(BlockRows, withGradients);
        _inputs = Graph.NewTensor(spec.Lookback * spec.Inputs);
        if (spec.Known > 0) _known = Graph.NewTensor(spec.Known * spec.Horizons);
        if (spec.GapInput >= 0) _mask = Graph.NewTensor(spec.Lookback);
        _encoder = new Encoder(Graph, parameters, spec, _inputs, spec.Lookback);
        Attender? attender = spec.Attention == AttentionKind.None ? null : new Attender(Graph, parameters, spec, _encoder.States, _mask);
        Head = new Head(Graph, parameters, spec, new HeadSource(_encoder.Last, _encoder.LastMemory, _known, attender));
        Looks = attender?.Looks ?? [];
        if (!spec.Bidirectional) _burnIn = new EncoderStep(spec, parameters, BlockRows);
    }

    public Graph Graph { get; }

    public Head Head { get; }

    public IReadOnlyList<Tensor> Looks { get; }

    /// <summary>Takes rows of inputs [rows, steps, inputs] and known [rows, horizon, known] and runs forward to the head's output.</summary>
    public void Forward(int rows, int steps, ReadOnlySpan<float> inputs, ReadOnlySpan<float> known)
    {
        BurnIn(rows, steps, inputs);
        int window = _inputs.Width, skipped = (steps - _spec.Lookback) * _spec.Inputs;
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<float> source = inputs.Slice(row * (skipped + window) + skipped, window);
            source.CopyTo(_inputs.Row(row));
            if (_known is not null) known.Slice(row * _known.Width, _known.Width).CopyTo(_known.Row(row));
            if (_mask is not null) MaskGaps(source, _mask.Row(row));
        }
        Graph.Forward(rows);
    }

    void BurnIn(int rows, int steps, ReadOnlySpan<float> inputs)
    {
        if (_burnIn is null) return;
        _burnIn.Reset(rows);
        for (int step = 0; step < steps - _spec.Lookback; step++)
        {
            for (int row = 0; row < rows; row++)
                inputs.Slice((row * steps + step) * _spec.Inputs, _spec.Inputs).CopyTo(_burnIn.Input.Row(row));
            _burnIn.Advance(rows);
        }
        _burnIn.CopyTo(_encoder.Start, rows);
    }

    /// <summary>The newest step is never masked, so that there is always one to look at.</summary>
    void MaskGaps(ReadOnlySpan<float> window, Span<float> mask)
    {
        for (int i = 0; i < mask.Length; i++)
            mask[i] = i < mask.Length - 1 && window[i * _spec.Inputs + _spec.GapInput] != 0 ? float.NegativeInfinity : 0;
    }
}
