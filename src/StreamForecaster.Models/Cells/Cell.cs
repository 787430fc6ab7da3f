using StreamForecaster.Models.Graphs;

namespace StreamForecaster.Models.Cells;

/// <summary>What enters and leaves one cell step: [rows, units], gates [rows, gates · units]. Memory is an LSTM's c.</summary>
sealed record CellWires(Tensor FromInput, Tensor FromState, Tensor Before, Tensor After, Tensor? MemoryBefore, Tensor? MemoryAfter);

/// <summary>
/// A recurrent cell unrolled: each <see cref="Step"/> adds the two products and the gates to the graph.
/// Names and layout are PyTorch's: weight_ih [gates · units, inputs], weight_hh, bias_ih, bias_hh.
/// </summary>
sealed class Cell
{
    readonly Graph _graph;
    readonly EncoderKind _kind;
    readonly Parameter _inputWeight, _stateWeight, _inputBias, _stateBias;
    Tensor? _fromInput, _fromState;

    public Cell(Graph graph, Parameters parameters, EncoderKind kind, string prefix, string suffix)
    {
        (_graph, _kind) = (graph, kind);
        _inputWeight = parameters[$"{prefix}weight_ih{suffix}"];
        _stateWeight = parameters[$"{prefix}weight_hh{suffix}"];
        _inputBias = parameters[$"{prefix}bias_ih{suffix}"];
        _stateBias = parameters[$"{prefix}bias_hh{suffix}"];
    }

    /// <summary>after, memoryAfter = cell(x, before, memoryBefore).</summary>
    public void Step(Tensor x, Tensor before, Tensor after, Tensor? memoryBefore, Tensor? memoryAfter)
    {
        // Inference has no use for a step's gates once the step is done: all steps share one pair.
        Tensor fromInput = _graph.WithGradients ? _graph.NewTensor(_inputWeight.Count) : _fromInput ??= _graph.NewTensor(_inputWeight.Count);
        Tensor fromState = _graph.WithGradients ? _graph.NewTensor(_inputWeight.Count) : _fromState ??= _graph.NewTensor(_inputWeight.Count);
        _graph.Add(new Linear(_inputWeight, _inputBias, x, fromInput));
        _graph.Add(new Linear(_stateWeight, _stateBias, before, fromState));
        CellWires wires = new(fromInput, fromState, before, after, memoryBefore, memoryAfter);
        _graph.Add(_kind switch
        {
            EncoderKind.Gru => new GruGates(wires),
            EncoderKind.Lstm => new LstmGates(wires),
            _ => new RnnGate(wires, _kind == EncoderKind.RnnRelu),
        });
    }
}
