using StreamForecaster.Models.Engines;

namespace StreamForecaster.Models;

/// <summary>
/// The engine in C#, without native dependency. Every form has the graph engine, whose plain loops are the reference; a faster
/// path for one form is chosen here, by spec and hardware, and nowhere else.
/// </summary>
public sealed class ManagedEngine : IModelEngine
{
    public IWindowEngine Windows(ModelSpec spec, Weights weights) =>
        FastWeights.Cover(spec) ? new FastWindows(spec, weights) : new GraphWindows(spec, weights);

    public IGradientEngine Gradients(ModelSpec spec, Weights weights, Weights gradients, TrainingOptions options) =>
        FastWeights.Cover(spec) ? new FastGradients(spec, weights, gradients, options) : new GraphGradients(spec, weights, gradients, options);

    internal static IStreamEngine Streams(ModelSpec spec, Weights weights, StreamLayout layout) =>
        FastStreams.Cover(spec, layout) ? new FastStreams(spec, weights, layout) : new GraphStreams(spec, weights, layout);
}
