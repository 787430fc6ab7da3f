namespace StreamForecaster.Models;

/// <summary>
/// What computes a model: the managed engine of this project, or TorchSharp's in StreamForecaster.Torch. Weights, optimiser,
/// schedule and loss stay here; an engine only reads weights and writes outputs and gradients, so both train alike.
/// </summary>
public interface IModelEngine
{
    /// <summary>Forecasts of windows with these weights, as they are at each call.</summary>
    IWindowEngine Windows(ModelSpec spec, Weights weights);

    /// <summary>Gradients at these weights, added to <paramref name="gradients"/>.</summary>
    IGradientEngine Gradients(ModelSpec spec, Weights weights, Weights gradients, TrainingOptions options);
}

/// <summary>Forecasts of whole windows; not thread-safe.</summary>
public interface IWindowEngine
{
    /// <summary>Inputs [batch, steps, inputs], known [batch, horizon, known], output [batch, horizon, output, quantile] or [batch, class] (logits).</summary>
    void Predict(int batch, int steps, ReadOnlySpan<float> inputs, ReadOnlySpan<float> known, Span<float> output);
}

/// <summary>The loss of a batch and its gradient; not thread-safe.</summary>
public interface IGradientEngine
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
