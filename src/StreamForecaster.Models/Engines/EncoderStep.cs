using StreamForecaster.Models.Cells;
using StreamForecaster.Models.Graphs;

namespace StreamForecaster.Models.Engines;

/// <summary>The encoder over one step, carrying its state to the next.</summary>
sealed class EncoderStep
{
    readonly Graph _graph;
    readonly Encoder _encoder;

    public EncoderStep(ModelSpec spec, Parameters parameters, int capacity)
    {
        _graph = new Graph(capacity, withGradients: false);
        Input = _graph.NewTensor(spec.Inputs);
        _encoder = new Encoder(_graph, parameters, spec, Input, 1);
    }

    /// <summary>The step's features, written by the caller.</summary>
    public Tensor Input { get; }

    /// <summary>The state that the next step starts from.</summary>
    public CarriedState State => _encoder.Start;

    public void Reset(int rows)
    {
        foreach (Tensor tensor in State.Hidden) Clear(tensor, rows);
        foreach (Tensor tensor in State.Memory) Clear(tensor, rows);
    }

    /// <summary>state = encoder(state, input).</summary>
    public void Advance(int rows)
    {
        _graph.Forward(rows);
        for (int layer = 0; layer < State.Hidden.Count; layer++) CopyRows(_encoder.End.Hidden[layer], State.Hidden[layer], rows);
        for (int layer = 0; layer < State.Memory.Count; layer++) CopyRows(_encoder.End.Memory[layer], State.Memory[layer], rows);
    }

    public void CopyTo(CarriedState target, int rows)
    {
        for (int layer = 0; layer < State.Hidden.Count; layer++) CopyRows(State.Hidden[layer], target.Hidden[layer], rows);
        for (int layer = 0; layer < State.Memory.Count; layer++) CopyRows(State.Memory[layer], target.Memory[layer], rows);
    }

    static void CopyRows(Tensor from, Tensor to, int rows)
    {
        for (int row = 0; row < rows; row++) from.Row(row).CopyTo(to.Row(row));
    }

    static void Clear(Tensor tensor, int rows)
    {
        for (int row = 0; row < rows; row++) tensor.Row(row).Clear();
    }
}
