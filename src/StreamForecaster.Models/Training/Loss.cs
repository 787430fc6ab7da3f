using StreamForecaster.Models.Kernels;

namespace StreamForecaster.Models;

/// <summary>
/// The loss of one row and its gradient. A batch's loss is the mean over every value whose target is there, weighted by the
/// row's sample weight: callers divide the row's weight by <see cref="TotalWeight"/>.
/// </summary>
public sealed class Loss
{
    readonly ModelSpec _spec;
    readonly TrainingOptions _options;
    readonly float[] _probabilities;

    /// <exception cref="ArgumentException">The loss does not fit the head.</exception>
    public Loss(ModelSpec spec, TrainingOptions options)
    {
        (_spec, _options, _probabilities) = (spec, options, new float[spec.Classes]);
        if ((options.Loss == LossKind.CrossEntropy) != (spec.Head == HeadKind.Classifier))
            throw new ArgumentException($"training: loss {options.Loss} does not fit the {spec.Head} head; a classifier wants CrossEntropy, and only it", nameof(options));
        if (options.Loss is LossKind.Huber or LossKind.Squared && spec.Quantiles.Length != 1)
            throw new ArgumentException($"training: loss {options.Loss} wants one quantile, the spec has {spec.Quantiles.Length}", nameof(options));
    }

    /// <summary>Σ over rows of weight × targets that are there.</summary>
    public double TotalWeight(in TrainingBatch batch)
    {
        double total = 0;
        for (int row = 0; row < batch.Count; row++)
        {
            int there = 0;
            foreach (float target in batch.Targets.Slice(row * _spec.TargetSize, _spec.TargetSize))
                if (!float.IsNaN(target)) there++;
            total += (batch.SampleWeights.IsEmpty ? 1 : batch.SampleWeights[row]) * there;
        }
        return total;
    }

    /// <summary>Adds share × ∂loss/∂output to the gradient, and returns share × loss.</summary>
    public double Row(ReadOnlySpan<float> output, ReadOnlySpan<float> target, double share, Span<float> gradient)
    {
        double total = 0;
        if (_options.Loss == LossKind.CrossEntropy)
            return float.IsNaN(target[0]) ? 0 : CrossEntropy(output, (int)target[0], share, gradient);
        int quantiles = _spec.Quantiles.Length;
        for (int i = 0; i < target.Length; i++)
        {
            if (float.IsNaN(target[i])) continue;
            ReadOnlySpan<float> values = output.Slice(i * quantiles, quantiles);
            Span<float> gradients = gradient.Slice(i * quantiles, quantiles);
            total += _options.Loss switch
            {
                LossKind.Pinball => Pinball(values, target[i], share, gradients),
                LossKind.Huber => Huber(values[0], target[i], share, ref gradients[0]),
                _ => Squared(values[0], target[i], share, ref gradients[0]),
            };
        }
        return total;
    }

    /// <summary>Mean over the quantiles τ of max(τ e, (τ − 1) e), e = target − output (Koenker and Bassett 1978).</summary>
    double Pinball(ReadOnlySpan<float> values, float target, double share, Span<float> gradient)
    {
        double total = 0, part = share / values.Length;
        for (int q = 0; q < values.Length; q++)
        {
            double tau = _spec.Quantiles[q], error = (double)target - values[q];
            total += part * Math.Max(tau * error, (tau - 1) * error);
            // At zero both slopes hold; their mean is what PyTorch's maximum gives.
            gradient[q] += (float)(part * (error > 0 ? -tau : error < 0 ? 1 - tau : .5 - tau));
        }
        int median = _spec.MedianIndex;
        return _options.HuberWeight == 0 ? total : total + Huber(values[median], target, share * _options.HuberWeight, ref gradient[median]);
    }

    double Huber(float value, float target, double share, ref float gradient)
    {
        double error = (double)value - target, delta = _options.HuberDelta, size = Math.Abs(error);
        gradient += (float)(share * Math.Clamp(error, -delta, delta));
        return share * (size <= delta ? .5 * error * error : delta * (size - .5 * delta));
    }

    static double Squared(float value, float target, double share, ref float gradient)
    {
        double error = (double)value - target;
        gradient += (float)(share * 2 * error);
        return share * error * error;
    }

    double CrossEntropy(ReadOnlySpan<float> logits, int label, double share, Span<float> gradient)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)label, (uint)logits.Length, nameof(label));
        logits.CopyTo(_probabilities);
        Rows.Softmax(_probabilities);
        for (int c = 0; c < logits.Length; c++) gradient[c] += (float)(share * (_probabilities[c] - (c == label ? 1 : 0)));
        return -share * Math.Log(Math.Max(_probabilities[label], float.Epsilon));
    }
}
