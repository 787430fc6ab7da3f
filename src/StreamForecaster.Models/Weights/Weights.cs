namespace StreamForecaster.Models;

/// <summary>One named tensor inside the block of <see cref="Weights"/>; row-major, PyTorch's name and layout.</summary>
public sealed record WeightTensor(string Name, int[] Shape, int Offset)
{
    /// <summary>Values it has.</summary>
    public int Length { get; } = Shape.Aggregate(1, (a, b) => checked(a * b));
}

/// <summary>One block of memory with named views. Parameters, gradients, moments and averages are all of this type.</summary>
public sealed class Weights
{
    readonly float[] _values;
    readonly Dictionary<string, WeightTensor> _byName;

    /// <summary>Zeros for the given tensors, which must lie one after the other from 0.</summary>
    public Weights(IReadOnlyList<WeightTensor> tensors)
    {
        Tensors = tensors;
        _values = new float[tensors.Sum(t => t.Length)];
        _byName = tensors.ToDictionary(t => t.Name, StringComparer.Ordinal);
    }

    /// <summary>The tensors in the block's order.</summary>
    public IReadOnlyList<WeightTensor> Tensors { get; }

    /// <summary>All values, read only.</summary>
    public ReadOnlySpan<float> Values => _values;

    /// <summary>Grows with every <see cref="Edit()"/>: whoever keeps something derived from the values compares it.</summary>
    public long Version { get; private set; }

    /// <summary>The values of one tensor, read only.</summary>
    public ReadOnlySpan<float> this[string name] => _values.AsSpan(Find(name).Offset, Find(name).Length);

    /// <summary>All values for writing. Write at once: what is written after the next forecast began may not be seen.</summary>
    public Span<float> Edit()
    {
        Version++;
        return _values;
    }

    /// <summary>The values of one tensor for writing, as <see cref="Edit()"/>.</summary>
    public Span<float> Edit(string name) => Edit().Slice(Find(name).Offset, Find(name).Length);

    public bool Contains(string name) => _byName.ContainsKey(name);

    /// <summary>The tensor of that name.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public WeightTensor Find(string name) =>
        _byName.TryGetValue(name, out WeightTensor? tensor) ? tensor : throw new KeyNotFoundException($"weights: no tensor '{name}'");

    /// <summary>Zeros of the same layout.</summary>
    public Weights NewZeros() => new(Tensors);

    /// <summary>Takes over all values of weights of the same layout.</summary>
    public void CopyFrom(Weights other) => other.Values.CopyTo(Edit());

    internal float[] Block => _values;
}
