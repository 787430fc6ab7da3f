namespace StreamForecaster.Models;

/// <summary>How a matrix starts.</summary>
public enum InitialMatrix { Xavier, He, Orthogonal }

/// <summary>How a new model's weights start; the defaults are DESIGN's: Xavier inputs, orthogonal recurrence, a head of zeros (persistence).</summary>
public sealed record Initialization
{
    public InitialMatrix Input { get; init; } = InitialMatrix.Xavier;

    public InitialMatrix Recurrent { get; init; } = InitialMatrix.Orthogonal;

    public InitialMatrix Attention { get; init; } = InitialMatrix.Xavier;

    /// <summary>An LSTM's forget gate starts at this bias: it remembers before it learns to forget (Jozefowicz et al. 2015).</summary>
    public double ForgetBias { get; init; } = 1;

    /// <summary>Factor on a Xavier head; 0 starts every model as the persistence forecast.</summary>
    public double HeadScale { get; init; }

    internal void Fill(ModelSpec spec, Weights weights, int seed)
    {
        SeededRandom random = new((ulong)seed);
        foreach (WeightTensor tensor in weights.Tensors)
        {
            Span<float> values = weights.Edit(tensor.Name);
            if (tensor.Name.Contains("weight_hh", StringComparison.Ordinal)) FillMatrix(Recurrent, tensor.Shape, values, ref random);
            else if (tensor.Name.Contains("weight_ih", StringComparison.Ordinal)) FillMatrix(Input, tensor.Shape, values, ref random);
            else if (tensor.Name.StartsWith("attention.", StringComparison.Ordinal)) FillMatrix(Attention, tensor.Shape, values, ref random);
            else if (string.Equals(tensor.Name, "head.weight", StringComparison.Ordinal)) FillHead(tensor.Shape, values, ref random);
            else if (tensor.Name.Contains("bias_ih", StringComparison.Ordinal)) FillForget(spec, tensor, values);
        }
    }

    void FillHead(int[] shape, Span<float> values, ref SeededRandom random)
    {
        FillMatrix(InitialMatrix.Xavier, shape, values, ref random);
        foreach (ref float value in values) value = (float)(value * HeadScale);
    }

    /// <summary>PyTorch orders an LSTM's gates input, forget, cell, output.</summary>
    void FillForget(ModelSpec spec, WeightTensor tensor, Span<float> values)
    {
        if (spec.Encoder != EncoderKind.Lstm || tensor.Name.StartsWith("refine.", StringComparison.Ordinal)) return;
        int units = tensor.Length / 4;
        values.Slice(units, units).Fill((float)ForgetBias);
    }

    /// <summary>Gates are blocks of rows; each block is a matrix of its own, so that its fan-out counts one gate.</summary>
    static void FillMatrix(InitialMatrix kind, int[] shape, Span<float> values, ref SeededRandom random)
    {
        int rows = shape[0], columns = shape[1];
        if (kind != InitialMatrix.Orthogonal)
        {
            double limit = kind == InitialMatrix.Xavier ? Math.Sqrt(6.0 / (rows + columns)) : Math.Sqrt(6.0 / columns);
            foreach (ref float value in values) value = (float)((2 * random.NextUniform() - 1) * limit);
            return;
        }
        for (int first = 0; first < rows; first += columns)
            FillOrthogonal(values.Slice(first * columns, Math.Min(columns, rows - first) * columns), columns, ref random);
    }

    /// <summary>Rows of normals, made orthonormal one after the other (modified Gram–Schmidt); at most as many rows as columns.</summary>
    static void FillOrthogonal(Span<float> values, int columns, ref SeededRandom random)
    {
        double[][] rows = new double[values.Length / columns][];
        for (int r = 0; r < rows.Length; r++)
        {
            double[] row = rows[r] = new double[columns];
            for (int c = 0; c < columns; c++) row[c] = random.NextNormal();
            // Twice: one pass leaves an angle where two rows were nearly parallel.
            for (int other = 0; other < 2 * r; other++) Remove(row, rows[other % r]);
            double norm = Math.Sqrt(row.Sum(v => v * v));
            for (int c = 0; c < columns; c++)
            {
                row[c] /= norm;
                values[r * columns + c] = (float)row[c];
            }
        }
    }

    static void Remove(double[] row, double[] direction)
    {
        double along = 0;
        for (int c = 0; c < row.Length; c++) along += row[c] * direction[c];
        for (int c = 0; c < row.Length; c++) row[c] -= along * direction[c];
    }
}
