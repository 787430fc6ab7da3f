namespace StreamForecaster.Models.Graphs;

/// <summary>
/// One weight matrix [rows, columns] or a block of its rows: where its values and gradients lie, and its transpose, which
/// products with the matrix on the right of a row of inputs read.
/// </summary>
sealed class Parameter(Parameters owner, int offset, int rows, int columns, float[] transposed, int transposedStart, int transposedStride)
{
    public int Count => rows;

    public int Columns => columns;

    public ReadOnlySpan<float> Values => owner.Values.AsSpan(offset, rows * columns);

    public Span<float> Gradients => owner.Gradients.AsSpan(offset, rows * columns);

    /// <summary>[column, row], columns <see cref="TransposedStride"/> apart; a matrix of one row is its own transpose.</summary>
    public ReadOnlySpan<float> Transposed => transposed.Length == 0 ? Values : transposed.AsSpan(transposedStart);

    public int TransposedStride => transposedStride;

    public Parameter Block(int first, int count) =>
        new(owner, offset + first * columns, count, columns, transposed, transposedStart + first, transposedStride);

    public void Transpose()
    {
        ReadOnlySpan<float> values = Values;
        for (int r = 0; r < rows; r++)
            for (int c = 0; c < columns; c++)
                transposed[c * transposedStride + r] = values[r * columns + c];
    }
}

/// <summary>The parameters of a graph: views of a model's weights, and of a block for their gradients.</summary>
sealed class Parameters(Weights weights, Weights? gradients)
{
    readonly Dictionary<string, Parameter> _made = new(StringComparer.Ordinal);
    long _version = -1;

    public float[] Values => weights.Block;

    public float[] Gradients { get; } = gradients?.Block ?? [];

    public Parameter this[string name]
    {
        get
        {
            if (_made.TryGetValue(name, out Parameter? made)) return made;
            WeightTensor tensor = weights.Find(name);
            int rows = tensor.Shape.Length == 1 ? 1 : tensor.Shape[0];
            int columns = tensor.Length / rows;
            return _made[name] = new Parameter(this, tensor.Offset, rows, columns, rows == 1 ? [] : new float[tensor.Length], 0, rows);
        }
    }

    /// <summary>Follows a change of the weights; nothing is done if there was none.</summary>
    public void Refresh()
    {
        if (_version == weights.Version) return;
        foreach (Parameter parameter in _made.Values)
            if (parameter.Count > 1) parameter.Transpose();
        _version = weights.Version;
    }
}
