using StreamForecaster.Models.Attention;
using StreamForecaster.Models.Graphs;
using StreamForecaster.Models.Heads;

namespace StreamForecaster.Models.Engines;

/// <summary>
/// The graph engine for streams: blocks of series take one encoder step, push the new state to their rings, and read the
/// rings, widened to float32, with the same attention and head as the windowed form.
/// </summary>
sealed class GraphStreams : IStreamEngine
{
    const int BlockRows = 16;

    readonly ModelSpec _spec;
    readonly StreamLayout _layout;
    readonly Parameters _parameters;
    readonly EncoderStep _encoder;
    readonly Graph _graph;
    readonly Head _head;
    readonly Tensor _top;
    readonly Tensor? _memory, _known, _states, _mask;
    readonly Attender? _attender;

    public GraphStreams(ModelSpec spec, Weights weights, StreamLayout layout)
    {
        (_spec, _layout) = (spec, layout);
        _parameters = new Parameters(weights, null);
        _encoder = new EncoderStep(spec, _parameters, BlockRows);
        _graph = new Graph(BlockRows, withGradients: false);
        _top = _graph.NewTensor(spec.StateWidth);
        if (spec.Encoder == EncoderKind.Lstm) _memory = _graph.NewTensor(spec.StateWidth);
        if (spec.Known > 0) _known = _graph.NewTensor(spec.Known * spec.Horizons);
        if (layout.Slots > 0)
        {
            _states = _graph.NewTensor(layout.Slots * spec.StateWidth);
            _mask = _graph.NewTensor(layout.Slots);
            _attender = new Attender(_graph, _parameters, spec, _states, _mask);
        }
        _head = new Head(_graph, _parameters, spec, new HeadSource(_top, _memory, _known, _attender));
    }

    public void Step(ReadOnlySpan<nint> states, ReadOnlySpan<float> inputs, ReadOnlySpan<float> known, Span<float> output)
    {
        _parameters.Refresh();
        int knownWidth = _spec.Known * _spec.Horizons, width = _spec.OutputSize;
        for (int first = 0; first < states.Length; first += BlockRows)
        {
            int rows = Math.Min(BlockRows, states.Length - first);
            ReadOnlySpan<nint> block = states.Slice(first, rows);
            Encode(block, inputs.Slice(first * _spec.Inputs, rows * _spec.Inputs));
            for (int row = 0; row < rows; row++)
            {
                LoadRing(block[row], row);
                if (_known is not null) known.Slice((first + row) * knownWidth, knownWidth).CopyTo(_known.Row(row));
            }
            _graph.Forward(rows);
            for (int row = 0; row < rows; row++) _head.Output.Row(row).CopyTo(output.Slice((first + row) * width, width));
        }
    }

    public void Reencode(nint state, ReadOnlySpan<float> inputs)
    {
        _parameters.Refresh();
        new StreamState(state, _layout).Clear();
        ReadOnlySpan<nint> one = new(in state);
        for (int at = 0; at < inputs.Length; at += _spec.Inputs) Encode(one, inputs.Slice(at, _spec.Inputs));
    }

    public void Attention(nint state, Span<float> weights)
    {
        _parameters.Refresh();
        StreamState series = new(state, _layout);
        if (series.Count == 0) return;
        LoadRing(state, 0);
        _known?.Row(0).Clear();
        _graph.Forward(1);
        int oldest = series.OldestSlot;
        foreach (Tensor look in _attender!.Looks)
            for (int i = 0; i < weights.Length; i++)
                weights[i] += look.Row(0)[(oldest + i) % weights.Length] / _attender.Looks.Count;
    }

    /// <summary>One encoder step of each state, pushed to its ring.</summary>
    void Encode(ReadOnlySpan<nint> states, ReadOnlySpan<float> inputs)
    {
        for (int row = 0; row < states.Length; row++)
        {
            StreamState series = new(states[row], _layout);
            inputs.Slice(row * _spec.Inputs, _spec.Inputs).CopyTo(_encoder.Input.Row(row));
            Load(series.Hidden, _encoder.State.Hidden, row);
            Load(series.Memory, _encoder.State.Memory, row);
        }
        _encoder.Advance(states.Length);
        for (int row = 0; row < states.Length; row++)
        {
            StreamState series = new(states[row], _layout);
            Store(_encoder.State.Hidden, series.Hidden, row);
            Store(_encoder.State.Memory, series.Memory, row);
            bool gap = _spec.GapInput >= 0 && inputs[row * _spec.Inputs + _spec.GapInput] != 0;
            series.Push(_encoder.State.Hidden[^1].Row(row), gap);
        }
    }

    void LoadRing(nint state, int row)
    {
        StreamState series = new(state, _layout);
        int top = (_spec.Layers - 1) * _spec.HiddenSize;
        series.Hidden.Slice(top, _spec.HiddenSize).CopyTo(_top.Row(row));
        if (_memory is not null) series.Memory.Slice(top, _spec.HiddenSize).CopyTo(_memory.Row(row));
        if (_states is null) return;
        RingCodec.Decode(_layout.Ring, series.Ring, _states.Row(row));
        series.WriteMask(_mask!.Row(row));
    }

    static void Load(ReadOnlySpan<float> from, List<Tensor> layers, int row)
    {
        for (int layer = 0; layer < layers.Count; layer++)
            from.Slice(layer * layers[layer].Width, layers[layer].Width).CopyTo(layers[layer].Row(row));
    }

    static void Store(List<Tensor> layers, Span<float> to, int row)
    {
        for (int layer = 0; layer < layers.Count; layer++)
            layers[layer].Row(row).CopyTo(to.Slice(layer * layers[layer].Width, layers[layer].Width));
    }
}
