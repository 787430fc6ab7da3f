using System.Diagnostics;
using StreamForecaster.Models.Kernels;

namespace StreamForecaster.Models.Graphs;

/// <summary>y = x Wᵀ + b (PyTorch's Linear).</summary>
sealed class Linear : Op
{
    readonly Parameter _weight;
    readonly Parameter? _bias;
    readonly Tensor _x, _y;

    public Linear(Parameter weight, Parameter? bias, Tensor x, Tensor y)
    {
        Debug.Assert(x.Width == weight.Columns && y.Width == weight.Count, "y [out] = x [in] W [out, in]");
        (_weight, _bias, _x, _y) = (weight, bias, x, y);
    }

    public override void Forward(int rows)
    {
        for (int row = 0; row < rows; row++)
            if (_bias is null) _y.Row(row).Clear();
            else _bias.Values.CopyTo(_y.Row(row));
        MatrixProduct.Add(_x.From, _x.Stride, 1, _weight.Transposed, _weight.TransposedStride, _y.From, _y.Stride, rows, _weight.Columns, _weight.Count);
    }

    public override void Backward(int rows)
    {
        MatrixProduct.Add(_y.GradientsFrom, _y.Stride, 1, _weight.Values, _weight.Columns, _x.GradientsFrom, _x.Stride, rows, _weight.Count, _weight.Columns);
        MatrixProduct.Add(_y.GradientsFrom, 1, _y.Stride, _x.From, _x.Stride, _weight.Gradients, _weight.Columns, _weight.Count, rows, _weight.Columns);
        if (_bias is null) return;
        for (int row = 0; row < rows; row++) Rows.AddScaled(1, _y.GradientRow(row), _bias.Gradients);
    }
}

/// <summary>y = x W: what moves a projected query to the space of the raw states, so that no key is ever projected.</summary>
sealed class LinearBack : Op
{
    readonly Parameter _weight;
    readonly Tensor _x, _y;

    public LinearBack(Parameter weight, Tensor x, Tensor y)
    {
        Debug.Assert(x.Width == weight.Count && y.Width == weight.Columns, "y [in] = x [out] W [out, in]");
        (_weight, _x, _y) = (weight, x, y);
    }

    public override void Forward(int rows)
    {
        for (int row = 0; row < rows; row++) _y.Row(row).Clear();
        MatrixProduct.Add(_x.From, _x.Stride, 1, _weight.Values, _weight.Columns, _y.From, _y.Stride, rows, _weight.Count, _weight.Columns);
    }

    public override void Backward(int rows)
    {
        MatrixProduct.Add(
            _y.GradientsFrom, _y.Stride, 1, _weight.Transposed, _weight.TransposedStride, _x.GradientsFrom, _x.Stride, rows, _weight.Columns, _weight.Count);
        MatrixProduct.Add(_x.From, 1, _x.Stride, _y.GradientsFrom, _y.Stride, _weight.Gradients, _weight.Columns, _weight.Count, rows, _weight.Columns);
    }
}
