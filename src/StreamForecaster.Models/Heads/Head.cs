using StreamForecaster.Models.Attention;
using StreamForecaster.Models.Cells;
using StreamForecaster.Models.Graphs;

namespace StreamForecaster.Models.Heads;

/// <summary>What a head works from: the encoder's last state (and an LSTM's memory), the known covariates, and attention if there is any.</summary>
sealed record HeadSource(Tensor State, Tensor? Memory, Tensor? Known, Attender? Attender);

/// <summary>The attention and head of a spec, added to a graph: <see cref="Output"/> is [rows, horizon · output · quantile] or [rows, class].</summary>
sealed partial class Head
{
    readonly Graph _graph;
    readonly Parameters _parameters;
    readonly ModelSpec _spec;
    readonly HeadSource _source;

    public Head(Graph graph, Parameters parameters, ModelSpec spec, HeadSource source)
    {
        (_graph, _parameters, _spec, _source) = (graph, parameters, spec, source);
        Output = graph.NewTensor(spec.OutputSize);
        if (spec.Head == HeadKind.Decoder) AddDecoder();
        else if (spec.Head == HeadKind.Refine) AddDirect(Refined());
        else AddDirect(source.State);
    }

    public Tensor Output { get; }

    /// <summary>The targets [rows, horizon · output] that teacher forcing shows the decoder; null for the other heads.</summary>
    public Tensor? Forced { get; private set; }

    /// <summary>All horizons at once from [state; context; known].</summary>
    void AddDirect(Tensor state)
    {
        int known = _spec.Known * _spec.Horizons;
        int features = FeatureWidth;
        Tensor all = _graph.NewTensor(features + known);
        AddFeatures(state, all.Columns(0, features));
        if (known > 0) _graph.Add(new Copy(_source.Known!, all.Columns(features, known)));
        AddOutput(all, Output);
    }

    int FeatureWidth => _source.Attender is not null && _spec.Combine == CombineKind.Concat ? 2 * _spec.StateWidth : _spec.StateWidth;

    /// <summary>features = the state joined with what it reads.</summary>
    void AddFeatures(Tensor state, Tensor features)
    {
        int width = _spec.StateWidth;
        if (_source.Attender is null)
        {
            _graph.Add(new Copy(state, features));
        }
        else if (_spec.Combine == CombineKind.Concat)
        {
            _graph.Add(new Copy(state, features.Columns(0, width)));
            _source.Attender.Read(state, features.Columns(width, width));
        }
        else
        {
            Tensor read = _graph.NewTensor(width);
            _source.Attender.Read(state, read);
            _graph.Add(new Sum(state, read, features));
        }
    }

    void AddOutput(Tensor features, Tensor output)
    {
        Parameter weight = _parameters["head.weight"], bias = _parameters["head.bias"];
        if (_spec.Head == HeadKind.Classifier || _spec.Quantiles.Length == 1)
        {
            _graph.Add(new Linear(weight, bias, features, output));
            return;
        }
        Tensor raw = _graph.NewTensor(output.Width);
        _graph.Add(new Linear(weight, bias, features, raw));
        _graph.Add(new SortQuantiles(_graph.Capacity, _spec.Quantiles.Length, raw, output));
    }

    /// <summary>The state, moved for some rounds by a GRU whose input is what the state itself reads.</summary>
    Tensor Refined()
    {
        Cell cell = new(_graph, _parameters, EncoderKind.Gru, "refine.", "");
        Tensor state = _source.State;
        Settling? settling = _spec.RefineTolerance > 0 ? new Settling(_graph.Capacity, _spec.RefineTolerance) : null;
        for (int round = 0; round < _spec.RefineRounds; round++)
        {
            Tensor read = state, moved = _graph.NewTensor(state.Width);
            if (_source.Attender is not null)
            {
                read = _graph.NewTensor(state.Width);
                _source.Attender.Read(state, read);
            }
            cell.Step(read, state, moved, null, null);
            if (settling is not null)
            {
                Tensor kept = _graph.NewTensor(state.Width);
                _graph.Add(new Settle(settling, round, state, moved, kept));
                moved = kept;
            }
            state = moved;
        }
        return state;
    }
}
