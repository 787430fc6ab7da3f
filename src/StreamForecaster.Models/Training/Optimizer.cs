using System.Numerics;
using System.Numerics.Tensors;

namespace StreamForecaster.Models;

/// <summary>The state of an optimiser: moments of the same layout as the weights. Formulas and order of operations are PyTorch's.</summary>
sealed class Optimizer
{
    readonly TrainingOptions _options;
    readonly Weights _first, _second;
    readonly List<(int Offset, int Length)> _trained = [];
    long _steps;

    /// <exception cref="ArgumentException">A frozen prefix names no tensor.</exception>
    public Optimizer(Weights weights, TrainingOptions options)
    {
        (_options, _first, _second) = (options, weights.NewZeros(), weights.NewZeros());
        foreach (string prefix in options.Frozen)
            if (!weights.Tensors.Any(t => IsPart(t.Name, prefix)))
                throw new ArgumentException($"training: '{prefix}' freezes nothing; tensors are {string.Join(", ", weights.Tensors.Select(t => t.Name))}", nameof(options));
        foreach (WeightTensor tensor in weights.Tensors)
            if (!options.Frozen.Any(prefix => IsPart(tensor.Name, prefix))) _trained.Add((tensor.Offset, tensor.Length));
    }

    /// <summary>One update of all that is not frozen. False, and nothing is changed, if the gradient is not finite.</summary>
    public bool Update(Weights weights, Weights gradients, double rate)
    {
        double norm = Norm(gradients);
        if (!double.IsFinite(norm)) return false;
        float clip = _options.ClipNorm > 0 && norm > _options.ClipNorm ? (float)(_options.ClipNorm / (norm + 1e-6)) : 1;
        _steps++;
        Span<float> values = weights.Edit(), first = _first.Edit(), second = _second.Edit();
        foreach ((int offset, int length) in _trained)
            UpdateRange(values.Slice(offset, length), gradients.Values.Slice(offset, length), first.Slice(offset, length), second.Slice(offset, length), (float)rate, clip);
        return true;
    }

    /// <summary>The Euclidean norm over everything trained, summed in double.</summary>
    double Norm(Weights gradients)
    {
        double total = 0;
        foreach ((int offset, int length) in _trained) total += SumOfSquares(gradients.Values.Slice(offset, length));
        return Math.Sqrt(total);
    }

    static double SumOfSquares(ReadOnlySpan<float> values)
    {
        double total = 0;
        int i = 0;
        if (Vector.IsHardwareAccelerated)
        {
            Vector<double> low = Vector<double>.Zero, high = low;
            for (; i + Vector<float>.Count <= values.Length; i += Vector<float>.Count)
            {
                Vector.Widen(new Vector<float>(values[i..]), out Vector<double> a, out Vector<double> b);
                low += a * a;
                high += b * b;
            }
            total = Vector.Sum(low + high);
        }
        for (; i < values.Length; i++) total += (double)values[i] * values[i];
        return total;
    }

    void UpdateRange(Span<float> values, ReadOnlySpan<float> gradients, Span<float> first, Span<float> second, float rate, float clip)
    {
        switch (_options.Optimizer)
        {
            case OptimizerKind.AdamW:
                TensorPrimitives.Multiply(values, 1 - rate * (float)_options.WeightDecay, values);
                Adam(values, gradients, first, second, rate, clip, decay: 0);
                break;
            case OptimizerKind.Adam:
                Adam(values, gradients, first, second, rate, clip, (float)_options.WeightDecay);
                break;
            case OptimizerKind.SgdMomentum:
                Momentum(values, gradients, first, rate, clip);
                break;
            default:
                RmsProp(values, gradients, second, rate, clip);
                break;
        }
    }

    /// <summary>Adam (Kingma and Ba 2015, algorithm 1); AdamW (Loshchilov and Hutter 2019) has decayed the weights before.</summary>
    void Adam(Span<float> values, ReadOnlySpan<float> gradients, Span<float> first, Span<float> second, float rate, float clip, float decay)
    {
        float beta1 = (float)_options.Beta1, beta2 = (float)_options.Beta2, epsilon = (float)_options.Epsilon;
        float step = (float)(rate / (1 - Math.Pow(_options.Beta1, _steps))), root = (float)Math.Sqrt(1 - Math.Pow(_options.Beta2, _steps));
        int i = 0;
        if (Vector.IsHardwareAccelerated)
        {
            for (; i + Vector<float>.Count <= values.Length; i += Vector<float>.Count)
            {
                // The tail's operations in the tail's order: an element's bits do not depend on which took it.
                Vector<float> w = new(values[i..]);
                Vector<float> g = new Vector<float>(gradients[i..]) * clip + decay * w;
                Vector<float> m = beta1 * new Vector<float>(first[i..]) + (1 - beta1) * g;
                Vector<float> v = beta2 * new Vector<float>(second[i..]) + (1 - beta2) * g * g;
                m.CopyTo(first[i..]);
                v.CopyTo(second[i..]);
                (w - step * m / (Vector.SquareRoot(v) / new Vector<float>(root) + new Vector<float>(epsilon))).CopyTo(values[i..]);
            }
        }
        for (; i < values.Length; i++)
        {
            float g = gradients[i] * clip + decay * values[i];
            first[i] = beta1 * first[i] + (1 - beta1) * g;
            second[i] = beta2 * second[i] + (1 - beta2) * g * g;
            values[i] -= step * first[i] / (MathF.Sqrt(second[i]) / root + epsilon);
        }
    }

    void Momentum(Span<float> values, ReadOnlySpan<float> gradients, Span<float> velocity, float rate, float clip)
    {
        float momentum = (float)_options.Momentum, decay = (float)_options.WeightDecay;
        for (int i = 0; i < values.Length; i++)
        {
            velocity[i] = momentum * velocity[i] + gradients[i] * clip + decay * values[i];
            values[i] -= rate * velocity[i];
        }
    }

    /// <summary>RMSProp (Hinton 2012, lecture 6e).</summary>
    void RmsProp(Span<float> values, ReadOnlySpan<float> gradients, Span<float> square, float rate, float clip)
    {
        float memory = (float)_options.RmsDecay, decay = (float)_options.WeightDecay, epsilon = (float)_options.Epsilon;
        for (int i = 0; i < values.Length; i++)
        {
            float g = gradients[i] * clip + decay * values[i];
            square[i] = memory * square[i] + (1 - memory) * g * g;
            values[i] -= rate * g / (MathF.Sqrt(square[i]) + epsilon);
        }
    }

    static bool IsPart(string name, string prefix) =>
        name.StartsWith(prefix, StringComparison.Ordinal) && (name.Length == prefix.Length || prefix.EndsWith('.') || name[prefix.Length] == '.');
}
