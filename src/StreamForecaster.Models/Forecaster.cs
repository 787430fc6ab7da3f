using StreamForecaster.Models.Engines;
using StreamForecaster.Models.Kernels;

namespace StreamForecaster.Models;

/// <summary>
/// A model: a spec and its weights. Its methods are not thread-safe, except that any number of streaming forms and clones may
/// be made from one whose weights are no longer edited.
/// </summary>
public sealed class Forecaster
{
    IWindowEngine? _windows;
    GraphWindows? _attention;

    /// <summary>A model with the given weights, which it keeps; they must have the spec's layout.</summary>
    /// <exception cref="ArgumentException">The spec cannot be built, or the weights are not of its layout.</exception>
    public Forecaster(ModelSpec spec, Weights weights)
    {
        Spec = spec.Check() is { } wrong ? throw new ArgumentException("model spec: " + wrong, nameof(spec)) : spec;
        Weights = weights;
        IReadOnlyList<WeightTensor> wanted = WeightLayout.Of(spec);
        if (wanted.Count != weights.Tensors.Count || wanted.Zip(weights.Tensors).Any(p => !IsSame(p.First, p.Second)))
            throw new ArgumentException("the weights are not of the spec's layout", nameof(weights));
    }

    public ModelSpec Spec { get; }

    public Weights Weights { get; }

    /// <summary>A new model; the same seed gives the same weights bit for bit. Its head starts at zero: it forecasts persistence.</summary>
    /// <exception cref="ArgumentException">The spec cannot be built.</exception>
    public static Forecaster Create(ModelSpec spec, int seed) => Create(spec, seed, new Initialization());

    /// <inheritdoc cref="Create(ModelSpec, int)"/>
    public static Forecaster Create(ModelSpec spec, int seed, Initialization initialization)
    {
        Weights weights = new(spec.Check() is null ? WeightLayout.Of(spec) : []);
        Forecaster model = new(spec, weights);
        initialization.Fill(spec, weights, seed);
        return model;
    }

    /// <summary>A model of its own with the same spec and values.</summary>
    public Forecaster Clone()
    {
        Weights weights = Weights.NewZeros();
        weights.CopyFrom(Weights);
        return new Forecaster(Spec, weights);
    }

    /// <summary>
    /// Forecasts windows. <paramref name="inputs"/> is [batch, steps, inputs], finite, oldest first, with steps ≥ lookback: attention
    /// sees the last lookback steps, earlier ones only carry the state. <paramref name="known"/> is [batch, horizon, known].
    /// <paramref name="output"/> is [batch, horizon, output, quantile]: the change from the last value in scaled units, ascending
    /// in quantile; for a classifier [batch, class], probabilities.
    /// </summary>
    /// <exception cref="ArgumentException">A span does not have that size.</exception>
    public void Predict(int batch, ReadOnlySpan<float> inputs, ReadOnlySpan<float> known, Span<float> output)
    {
        int steps = BatchShape.Steps(Spec, batch, inputs.Length);
        BatchShape.Require("known", known.Length, batch * Spec.Horizons * Spec.Known);
        BatchShape.Require("output", output.Length, batch * Spec.OutputSize);
        _windows ??= new ManagedEngine().Windows(Spec, Weights);
        _windows.Predict(batch, steps, inputs, known, output);
        if (Spec.Head != HeadKind.Classifier) return;
        for (int row = 0; row < batch; row++) Rows.Softmax(output.Slice(row * Spec.Classes, Spec.Classes));
    }

    /// <summary>
    /// Where the forecast of one window [steps, inputs] looked: weights [lookback], oldest first, summing to 1 (all 0 without
    /// attention); the mean over heads, rounds and horizons.
    /// </summary>
    /// <exception cref="ArgumentException">A span does not have that size.</exception>
    public void Attention(ReadOnlySpan<float> inputs, ReadOnlySpan<float> known, Span<float> weights)
    {
        int steps = BatchShape.Steps(Spec, 1, inputs.Length);
        BatchShape.Require("known", known.Length, Spec.Horizons * Spec.Known);
        BatchShape.Require("weights", weights.Length, Spec.Lookback);
        weights.Clear();
        _attention ??= new GraphWindows(Spec, Weights);
        _attention.Attention(steps, inputs, known, weights);
    }

    static bool IsSame(WeightTensor a, WeightTensor b) =>
        a.Offset == b.Offset && string.Equals(a.Name, b.Name, StringComparison.Ordinal) && a.Shape.AsSpan().SequenceEqual(b.Shape);
}

/// <summary>Checks of the sizes that callers give.</summary>
static class BatchShape
{
    /// <summary>Steps of inputs [batch, steps, inputs]: at least lookback.</summary>
    public static int Steps(ModelSpec spec, int batch, int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        int steps = length / batch / spec.Inputs;
        if ((long)steps * batch * spec.Inputs != length || steps < spec.Lookback)
            throw new ArgumentException($"inputs has {length} values; wants batch {batch} × steps (at least {spec.Lookback}) × inputs {spec.Inputs}", nameof(length));
        if (spec.Bidirectional && steps != spec.Lookback)
            throw new ArgumentException($"inputs has {steps} steps; a bidirectional encoder carries no state, it wants exactly {spec.Lookback}", nameof(length));
        return steps;
    }

    public static void Require(string name, int length, int wanted)
    {
        if (length != wanted) throw new ArgumentException($"{name} has {length} values; wants {wanted}", nameof(length));
    }
}
