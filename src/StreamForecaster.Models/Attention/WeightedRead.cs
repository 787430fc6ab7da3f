using System.Numerics.Tensors;
using StreamForecaster.Models.Graphs;
using StreamForecaster.Models.Kernels;
using Tensor = StreamForecaster.Models.Graphs.Tensor;

namespace StreamForecaster.Models.Attention;

/// <summary>weights = softmax(scores + mask), read = Σ weights_i · state_i. The mask holds 0 or -∞ and has no gradient.</summary>
sealed class WeightedRead(Tensor scores, Tensor? mask, Tensor states, Tensor weights, Tensor read) : Op
{
    public override void Forward(int rows)
    {
        int width = read.Width;
        for (int row = 0; row < rows; row++)
        {
            Span<float> w = weights.Row(row);
            if (mask is null) scores.Row(row).CopyTo(w);
            else TensorPrimitives.Add(scores.Row(row), mask.Row(row), w);
            Rows.Softmax(w);
            read.Row(row).Clear();
            MatrixProduct.Add(w, 0, 1, states.Row(row), width, read.Row(row), width, 1, w.Length, width);
        }
    }

    public override void Backward(int rows)
    {
        int width = read.Width;
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<float> w = weights.Row(row), s = states.Row(row), d = read.GradientRow(row);
            Span<float> dw = weights.GradientRow(row), ds = states.GradientRow(row), dScore = scores.GradientRow(row);
            for (int i = 0; i < w.Length; i++)
            {
                dw[i] = Rows.Dot(d, s.Slice(i * width, width));
                Rows.AddScaled(w[i], d, ds.Slice(i * width, width));
            }
            float mean = Rows.Dot(w, dw);
            for (int i = 0; i < w.Length; i++) dScore[i] += w[i] * (dw[i] - mean);
        }
    }
}
