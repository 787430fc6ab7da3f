namespace StreamForecaster.Models.Engines;

/// <summary>Forecasts of whole windows; not thread-safe.</summary>
interface IWindowEngine
{
    /// <summary>Inputs [batch, steps, inputs], known [batch, horizon, known], output [batch, horizon, output, quantile] or [batch, class] (logits).</summary>
    void Predict(int batch, int steps, ReadOnlySpan<float> inputs, ReadOnlySpan<float> known, Span<float> output);
}

/// <summary>The loss of a batch and its gradient; not thread-safe.</summary>
interface IGradientEngine
{
    /// <summary>Adds the gradient of the loss to the block given at construction, and returns the loss.</summary>
    double Compute(in TrainingBatch batch, in TrainingPass pass);
}

/// <summary>One step of many series at a time; all that is kept of a series lies at its address, as <see cref="StreamLayout"/> says.</summary>
interface IStreamEngine
{
    void Step(ReadOnlySpan<nint> states, ReadOnlySpan<float> inputs, ReadOnlySpan<float> known, Span<float> output);

    void Reencode(nint state, ReadOnlySpan<float> inputs);

    void Attention(nint state, Span<float> weights);
}

/// <summary>
/// Which engine serves a spec on this machine. Every form has the graph engine, whose plain loops are the reference;
/// a faster engine for one form is chosen here, by spec and hardware, and nowhere else.
/// </summary>
static class Engine
{
    public static IWindowEngine Windows(ModelSpec spec, Weights weights) => new GraphWindows(spec, weights);

    public static IGradientEngine Gradients(ModelSpec spec, Weights weights, Weights gradients, TrainingOptions options) =>
        new GraphGradients(spec, weights, gradients, options);

    public static IStreamEngine Streams(ModelSpec spec, Weights weights, StreamLayout layout) => new GraphStreams(spec, weights, layout);
}
