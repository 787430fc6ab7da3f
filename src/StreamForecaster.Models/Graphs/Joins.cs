using System.Numerics.Tensors;

namespace StreamForecaster.Models.Graphs;

/// <summary>y = x: puts a value into its place in a concatenation.</summary>
sealed class Copy(Tensor x, Tensor y) : Op
{
    public override void Forward(int rows)
    {
        for (int row = 0; row < rows; row++) x.Row(row).CopyTo(y.Row(row));
    }

    public override void Backward(int rows)
    {
        for (int row = 0; row < rows; row++) TensorPrimitives.Add(x.GradientRow(row), y.GradientRow(row), x.GradientRow(row));
    }
}

/// <summary>y = a + b.</summary>
sealed class Sum(Tensor a, Tensor b, Tensor y) : Op
{
    public override void Forward(int rows)
    {
        for (int row = 0; row < rows; row++) TensorPrimitives.Add(a.Row(row), b.Row(row), y.Row(row));
    }

    public override void Backward(int rows)
    {
        for (int row = 0; row < rows; row++)
        {
            TensorPrimitives.Add(a.GradientRow(row), y.GradientRow(row), a.GradientRow(row));
            TensorPrimitives.Add(b.GradientRow(row), y.GradientRow(row), b.GradientRow(row));
        }
    }
}

/// <summary>Zeroes a share of the values in training and scales the others up (Srivastava et al. 2014); in inference y = x.</summary>
sealed class Dropout(Pass pass, double share, int site, Tensor x, Tensor y) : Op
{
    public override void Forward(int rows)
    {
        for (int row = 0; row < rows; row++)
        {
            Span<float> from = x.Row(row), to = y.Row(row);
            for (int i = 0; i < from.Length; i++) to[i] = from[i] * Factor(row, i);
        }
    }

    public override void Backward(int rows)
    {
        for (int row = 0; row < rows; row++)
        {
            Span<float> from = x.GradientRow(row), to = y.GradientRow(row);
            for (int i = 0; i < from.Length; i++) from[i] += to[i] * Factor(row, i);
        }
    }

    float Factor(int row, int i)
    {
        if (!pass.Training) return 1;
        ulong place = ((ulong)site << 40) + ((ulong)(pass.FirstRow + row) << 16) + (ulong)i;
        return SeededRandom.UniformAt(pass.Seed, pass.Step, place) < share ? 0 : (float)(1 / (1 - share));
    }
}
