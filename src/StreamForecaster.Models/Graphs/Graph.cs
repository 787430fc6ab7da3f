namespace StreamForecaster.Models.Graphs;

/// <summary>One differentiable operation between tensors that were given to its constructor.</summary>
abstract class Op
{
    /// <summary>Computes the results of the first <paramref name="rows"/> rows.</summary>
    public abstract void Forward(int rows);

    /// <summary>Adds to the gradients of its sources and parameters what follows from those of its results.</summary>
    public abstract void Backward(int rows);
}

/// <summary>
/// A model unrolled once, at construction, for a fixed number of rows: tensors, and operations in order. Running it forward
/// or backward is one loop, and allocates nothing.
/// </summary>
sealed class Graph(int capacity, bool withGradients)
{
    readonly List<Op> _ops = [];
    readonly List<Tensor> _tensors = [];

    /// <summary>Rows it can take at once.</summary>
    public int Capacity => capacity;

    public bool WithGradients => withGradients;

    /// <summary>What random operations of a training pass depend on.</summary>
    public Pass Pass { get; } = new();

    public Tensor NewTensor(int width)
    {
        Tensor tensor = new(capacity, width, withGradients);
        _tensors.Add(tensor);
        return tensor;
    }

    public void Add(Op op) => _ops.Add(op);

    public void Forward(int rows)
    {
        foreach (Op op in _ops) op.Forward(rows);
    }

    /// <summary>Clears all gradients: before the loss writes those of the output.</summary>
    public void ClearGradients(int rows)
    {
        foreach (Tensor tensor in _tensors) tensor.Gradients.AsSpan(0, rows * tensor.Stride).Clear();
    }

    public void Backward(int rows)
    {
        for (int i = _ops.Count - 1; i >= 0; i--) _ops[i].Backward(rows);
    }
}

/// <summary>The state of one pass over a batch that dropout and teacher forcing need; both are off in inference.</summary>
sealed class Pass
{
    public bool Training { get; set; }

    public ulong Seed { get; set; }

    /// <summary>The training step, so that each step draws anew.</summary>
    public ulong Step { get; set; }

    /// <summary>Place in the batch of the graph's first row, so that a draw does not depend on how the batch was cut.</summary>
    public int FirstRow { get; set; }

    /// <summary>Share of decoder steps that see the target instead of their own output.</summary>
    public double Forcing { get; set; }
}
