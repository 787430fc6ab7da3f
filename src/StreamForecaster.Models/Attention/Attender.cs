using StreamForecaster.Models.Graphs;

namespace StreamForecaster.Models.Attention;

/// <summary>
/// Attention over the encoder's states [rows, lookback · width]; each <see cref="Read"/> adds one look with one query.
/// Keys and values are never projected: the query is taken to the space of the raw states (q' = W_kᵀ W_q h / √d), and the
/// value matrix is applied to the one state that was read. It is exact, and what makes a ring of raw states enough.
/// <see cref="AttentionKind.Additive"/> alone needs every key: they are projected once per forecast.
/// </summary>
sealed class Attender
{
    readonly Graph _graph;
    readonly Parameters _parameters;
    readonly ModelSpec _spec;
    readonly Tensor _states;
    readonly Tensor? _mask, _keys;

    public Attender(Graph graph, Parameters parameters, ModelSpec spec, Tensor states, Tensor? mask)
    {
        (_graph, _parameters, _spec, _states, _mask) = (graph, parameters, spec, states, mask);
        if (spec.Attention != AttentionKind.Additive) return;
        _keys = graph.NewTensor(states.Width);
        int width = spec.StateWidth;
        for (int i = 0; i < spec.Lookback; i++)
            graph.Add(new Linear(parameters["attention.key.weight"], null, states.Columns(i * width, width), _keys.Columns(i * width, width)));
    }

    /// <summary>The weights [rows, lookback] of every look, in order.</summary>
    public List<Tensor> Looks { get; } = [];

    /// <summary>target = what the query reads from the states.</summary>
    public void Read(Tensor query, Tensor target)
    {
        switch (_spec.Attention)
        {
            case AttentionKind.Dot:
                Weigh(Dots(query, 1), target);
                break;
            case AttentionKind.General:
                Tensor general = _graph.NewTensor(query.Width);
                _graph.Add(new LinearBack(_parameters["attention.general.weight"], query, general));
                Weigh(Dots(general, 1), target);
                break;
            case AttentionKind.Additive:
                Weigh(Additive(query), target);
                break;
            case AttentionKind.ScaledDot:
                ReadHeads(query, 1, target);
                break;
            default:
                Tensor joined = _graph.NewTensor(query.Width);
                ReadHeads(query, _spec.AttentionHeads, joined);
                _graph.Add(new Linear(_parameters["attention.output.weight"], null, joined, target));
                break;
        }
    }

    void ReadHeads(Tensor query, int heads, Tensor target)
    {
        int width = query.Width, units = width / heads;
        Tensor projected = _graph.NewTensor(width);
        _graph.Add(new Linear(_parameters["attention.query.weight"], null, query, projected));
        for (int head = 0; head < heads; head++)
        {
            Tensor back = _graph.NewTensor(width), read = _graph.NewTensor(width);
            _graph.Add(new LinearBack(_parameters["attention.key.weight"].Block(head * units, units), projected.Columns(head * units, units), back));
            Weigh(Dots(back, 1 / MathF.Sqrt(units)), read);
            _graph.Add(new Linear(_parameters["attention.value.weight"].Block(head * units, units), null, read, target.Columns(head * units, units)));
        }
    }

    Tensor Dots(Tensor query, float scale)
    {
        Tensor scores = _graph.NewTensor(_spec.Lookback);
        _graph.Add(new DotScores(query, _states, scores, scale));
        return scores;
    }

    Tensor Additive(Tensor query)
    {
        Tensor projected = _graph.NewTensor(query.Width), scores = _graph.NewTensor(_spec.Lookback), tanh = _graph.NewTensor(_states.Width);
        _graph.Add(new Linear(_parameters["attention.query.weight"], null, query, projected));
        _graph.Add(new AdditiveScores(_parameters["attention.score.weight"], projected, _keys!, tanh, scores));
        return scores;
    }

    void Weigh(Tensor scores, Tensor target)
    {
        Tensor weights = _graph.NewTensor(_spec.Lookback);
        _graph.Add(new WeightedRead(scores, _mask, _states, weights, target));
        Looks.Add(weights);
    }
}
