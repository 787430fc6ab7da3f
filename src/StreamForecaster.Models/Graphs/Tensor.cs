namespace StreamForecaster.Models.Graphs;

/// <summary>
/// Values [row, column] of a graph, with room for their gradients. Views share memory: a step of a sequence and the halves of
/// a concatenation are column ranges of one tensor, so nothing is copied to split or to join.
/// </summary>
sealed class Tensor
{
    public Tensor(int rows, int width, bool withGradients)
    {
        Width = width;
        // Rows a multiple of 4 KiB apart would all fall into the same few sets of the first cache.
        Stride = width % 256 == 0 ? width + 16 : width;
        Values = new float[rows * Stride];
        Gradients = withGradients ? new float[rows * Stride] : [];
    }

    Tensor(Tensor whole, int start, int width)
    {
        (Values, Gradients, Stride) = (whole.Values, whole.Gradients, whole.Stride);
        (Offset, Width) = (whole.Offset + start, width);
    }

    public float[] Values { get; }

    /// <summary>Empty where the graph is for inference.</summary>
    public float[] Gradients { get; }

    public int Offset { get; }

    public int Stride { get; }

    public int Width { get; }

    public Span<float> Row(int row) => Values.AsSpan(Offset + row * Stride, Width);

    public Span<float> GradientRow(int row) => Gradients.AsSpan(Offset + row * Stride, Width);

    /// <summary>All rows from this view's first value on, for products with <see cref="Stride"/>.</summary>
    public Span<float> From => Values.AsSpan(Offset);

    public Span<float> GradientsFrom => Gradients.AsSpan(Offset);

    public Tensor Columns(int start, int width)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, Width - width);
        return new Tensor(this, start, width);
    }
}
