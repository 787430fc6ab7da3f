namespace StreamForecaster.Models;

/// <summary>
/// The streaming form of a model: (state, x) → (state', forecast). It holds weights and scratch, no series' data: that lies in
/// the caller's memory, one 64-byte aligned block of <see cref="StateBytes"/> a series. A step costs one cell step and one
/// look at the ring of past encoder states, and equals the windowed form run over all steps since the state began.
/// Additive attention keeps raw states too, and projects the whole ring at every step: lookback times the work of the others.
/// Not thread-safe; one per lane.
/// </summary>
public sealed class StreamingForecaster
{
    readonly StreamLayout _layout;
    readonly IStreamEngine _engine;

    /// <exception cref="ArgumentException">The model has no streaming form, or its states do not fit the ring.</exception>
    public StreamingForecaster(Forecaster model, RingPrecision ring)
    {
        ModelSpec spec = model.Spec;
        if (spec.Bidirectional)
            throw new ArgumentException("a bidirectional encoder has no streaming form: it reads the window from its end; use Bidirectional = false", nameof(model));
        if (ring == RingPrecision.Q15 && spec.Encoder == EncoderKind.RnnRelu)
            throw new ArgumentException("ring precision Q15 holds values within ±1, RnnRelu's states may be larger; allowed are Float32, Half, BFloat16", nameof(ring));
        (Spec, _layout) = (spec, new StreamLayout(spec, ring));
        _engine = ManagedEngine.Streams(spec, model.Weights, _layout);
    }

    public ModelSpec Spec { get; }

    /// <summary>Bytes of one series' state, a multiple of 64.</summary>
    public int StateBytes => _layout.Bytes;

    /// <summary>Makes a state that has seen nothing.</summary>
    public void Initialize(Span<byte> state)
    {
        BatchShape.Require("state", state.Length, StateBytes);
        state.Clear();
    }

    /// <summary>As <see cref="Step(ReadOnlySpan{nint}, ReadOnlySpan{float}, ReadOnlySpan{float}, Span{float})"/>, for a model without known covariates.</summary>
    public void Step(ReadOnlySpan<nint> states, ReadOnlySpan<float> inputs, Span<float> output) => Step(states, inputs, [], output);

    /// <summary>
    /// Each state takes its step's inputs [batch, inputs] (finite) and gives its forecast [batch, horizon, output, quantile], as
    /// <see cref="Forecaster.Predict"/>. The addresses are 64-byte aligned, each to <see cref="StateBytes"/> bytes, and differ.
    /// A row's bits do not depend on the other rows. With fewer than lookback steps seen, attention is over those seen.
    /// </summary>
    public void Step(ReadOnlySpan<nint> states, ReadOnlySpan<float> inputs, ReadOnlySpan<float> known, Span<float> output)
    {
        BatchShape.Require("inputs", inputs.Length, states.Length * Spec.Inputs);
        BatchShape.Require("known", known.Length, states.Length * Spec.Horizons * Spec.Known);
        BatchShape.Require("output", output.Length, states.Length * Spec.OutputSize);
        _engine.Step(states, inputs, known, output);
    }

    /// <summary>Starts the state anew from kept inputs [steps, inputs], oldest first: after a change of model or of scale.</summary>
    public void Reencode(nint state, ReadOnlySpan<float> inputs)
    {
        BatchShape.Require("inputs", inputs.Length, inputs.Length / Spec.Inputs * Spec.Inputs);
        _engine.Reencode(state, inputs);
    }

    /// <summary>
    /// How much the last forecast looked at each of the past lookback steps, oldest first, summing to 1 (0 for steps not yet
    /// there): the mean over heads, rounds and horizons. All 0 for a model without attention or a state that has seen nothing.
    /// </summary>
    public void Attention(nint state, Span<float> weights)
    {
        BatchShape.Require("weights", weights.Length, Spec.Lookback);
        weights.Clear();
        if (_layout.Slots > 0) _engine.Attention(state, weights);
    }
}
