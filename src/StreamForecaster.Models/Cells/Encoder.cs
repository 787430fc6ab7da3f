using StreamForecaster.Models.Graphs;

namespace StreamForecaster.Models.Cells;

/// <summary>The state an encoder carries from step to step, per layer [rows, units]; memory is there for an LSTM only.</summary>
sealed class CarriedState
{
    public CarriedState(Graph graph, ModelSpec spec)
    {
        for (int layer = 0; layer < spec.Layers; layer++)
        {
            Hidden.Add(graph.NewTensor(spec.HiddenSize));
            if (spec.Encoder == EncoderKind.Lstm) Memory.Add(graph.NewTensor(spec.HiddenSize));
        }
    }

    public List<Tensor> Hidden { get; } = [];

    public List<Tensor> Memory { get; } = [];
}

/// <summary>The encoder unrolled over a number of steps.</summary>
sealed class Encoder
{
    readonly Graph _graph;
    readonly Parameters _parameters;
    readonly ModelSpec _spec;

    public Encoder(Graph graph, Parameters parameters, ModelSpec spec, Tensor inputs, int steps)
    {
        (_graph, _parameters, _spec) = (graph, parameters, spec);
        Start = new CarriedState(graph, spec);
        Tensor sequence = inputs;
        for (int layer = 0; layer < spec.Layers; layer++)
        {
            if (layer > 0 && spec.Dropout > 0) sequence = Dropped(sequence, layer);
            sequence = AddLayer(sequence, layer, steps);
        }
        States = sequence;
        Last = spec.Bidirectional ? JoinedEnds(steps) : End.Hidden[^1];
        LastMemory = spec.Encoder == EncoderKind.Lstm ? (spec.Bidirectional ? JoinedMemories() : End.Memory[^1]) : null;
    }

    /// <summary>The state before the first step: zeros, or what a caller carried here.</summary>
    public CarriedState Start { get; }

    /// <summary>The states after the last step, per layer (views).</summary>
    public (List<Tensor> Hidden, List<Tensor> Memory) End { get; } = ([], []);

    /// <summary>The top layer's states [rows, steps · width].</summary>
    public Tensor States { get; }

    /// <summary>The state that stands for the whole window: the last one, for two directions the last of each.</summary>
    public Tensor Last { get; }

    /// <summary>An LSTM's c beside <see cref="Last"/>.</summary>
    public Tensor? LastMemory { get; }

    readonly List<Tensor> _reverseMemory = [];

    Tensor AddLayer(Tensor inputs, int layer, int steps)
    {
        Tensor states = _graph.NewTensor(steps * _spec.StateWidth);
        AddDirection(inputs, states, layer, steps, reverse: false);
        if (_spec.Bidirectional) AddDirection(inputs, states, layer, steps, reverse: true);
        return states;
    }

    void AddDirection(Tensor inputs, Tensor states, int layer, int steps, bool reverse)
    {
        Cell cell = new(_graph, _parameters, _spec.Encoder, "encoder.", $"_l{layer}{(reverse ? "_reverse" : "")}");
        int width = inputs.Width / steps, units = _spec.HiddenSize;
        bool lstm = _spec.Encoder == EncoderKind.Lstm;
        // The backward direction always starts from zeros: a window carries nothing in from its future.
        Tensor hidden = reverse ? _graph.NewTensor(units) : Start.Hidden[layer];
        Tensor? memory = !lstm ? null : reverse ? _graph.NewTensor(units) : Start.Memory[layer];
        for (int i = 0; i < steps; i++)
        {
            int step = reverse ? steps - 1 - i : i;
            Tensor after = states.Columns(step * _spec.StateWidth + (reverse ? units : 0), units);
            Tensor? memoryAfter = lstm ? _graph.NewTensor(units) : null;
            cell.Step(inputs.Columns(step * width, width), hidden, after, memory, memoryAfter);
            (hidden, memory) = (after, memoryAfter);
        }
        if (!reverse) End.Hidden.Add(hidden);
        if (!reverse && memory is not null) End.Memory.Add(memory);
        if (reverse && memory is not null) _reverseMemory.Add(memory);
    }

    Tensor Dropped(Tensor sequence, int layer)
    {
        Tensor dropped = _graph.NewTensor(sequence.Width);
        _graph.Add(new Dropout(_graph.Pass, _spec.Dropout, layer, sequence, dropped));
        return dropped;
    }

    Tensor JoinedEnds(int steps)
    {
        int units = _spec.HiddenSize;
        return Joined(States.Columns((steps - 1) * 2 * units, units), States.Columns(units, units));
    }

    Tensor JoinedMemories() => Joined(End.Memory[^1], _reverseMemory[^1]);

    Tensor Joined(Tensor left, Tensor right)
    {
        Tensor joined = _graph.NewTensor(left.Width + right.Width);
        _graph.Add(new Copy(left, joined.Columns(0, left.Width)));
        _graph.Add(new Copy(right, joined.Columns(left.Width, right.Width)));
        return joined;
    }
}
