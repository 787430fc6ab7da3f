using StreamForecaster.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace StreamForecaster.Torch;

sealed partial class TorchNetwork
{
    Tensor Linear(Tensor x, string name) => nn.functional.linear(x, _parameters[name]);

    /// <summary>What a query [batch, width] reads from the states [batch, lookback, width].</summary>
    Tensor Read(Tensor query, Tensor states, Tensor? mask)
    {
        switch (_spec.Attention)
        {
            case AttentionKind.Additive:
                Tensor moved = (Linear(query, "attention.query.weight").unsqueeze(1) + Linear(states, "attention.key.weight")).tanh();
                return Weighted(Linear(moved, "attention.score.weight").squeeze(-1), states, mask);
            case AttentionKind.Dot:
                return Weighted(Dots(states, query), states, mask);
            case AttentionKind.General:
                return Weighted(Dots(Linear(states, "attention.general.weight"), query), states, mask);
            case AttentionKind.ScaledDot:
                return ReadHeads(query, states, mask, 1);
            default:
                return Linear(ReadHeads(query, states, mask, _spec.AttentionHeads), "attention.output.weight");
        }
    }

    static Tensor Dots(Tensor keys, Tensor query) => matmul(keys, query.unsqueeze(-1)).squeeze(-1);

    static Tensor Weighted(Tensor scores, Tensor states, Tensor? mask) =>
        matmul(Masked(scores, mask).softmax(-1).unsqueeze(-2), states).squeeze(-2);

    static Tensor Masked(Tensor scores, Tensor? mask) => mask is null ? scores : scores.masked_fill(mask, float.NegativeInfinity);

    Tensor ReadHeads(Tensor query, Tensor states, Tensor? mask, int heads)
    {
        long batch = query.shape[0], lookback = states.shape[1], width = query.shape[1], units = width / heads;
        Tensor q = Linear(query, "attention.query.weight").reshape(batch, heads, 1, units);
        Tensor k = Linear(states, "attention.key.weight").reshape(batch, lookback, heads, units).transpose(1, 2);
        Tensor v = Linear(states, "attention.value.weight").reshape(batch, lookback, heads, units).transpose(1, 2);
        Tensor scores = matmul(q, k.transpose(2, 3)) / Math.Sqrt(units);
        Tensor weights = Masked(scores, mask?.reshape(batch, 1, 1, lookback)).softmax(-1);
        return matmul(weights, v).reshape(batch, width);
    }

    Tensor Features(Tensor state, Tensor states, Tensor? mask)
    {
        if (_spec.Attention == AttentionKind.None) return state;
        Tensor context = Read(state, states, mask);
        return _spec.Combine == CombineKind.Sum ? state + context : cat([state, context], -1);
    }

    Tensor Output(Tensor features)
    {
        Tensor raw = nn.functional.linear(features, _parameters["head.weight"], _parameters["head.bias"]);
        if (_spec.Head == HeadKind.Classifier || _spec.Quantiles.Length == 1) return raw;
        long batch = raw.shape[0];
        return raw.reshape(batch, -1, _spec.Quantiles.Length).sort(-1).Values.reshape(batch, -1);
    }

    Tensor Refined(Tensor state, Tensor states, Tensor? mask)
    {
        Tensor? resting = null;
        for (int round = 0; round < _spec.RefineRounds; round++)
        {
            Tensor read = _spec.Attention == AttentionKind.None ? state : Read(state, states, mask);
            Tensor moved = ((GRUCell)_cell!).call(read, state);
            if (_spec.RefineTolerance > 0)
            {
                Tensor settled = (moved - state).abs().amax(new long[] { -1 }, true).le(_spec.RefineTolerance);
                if (resting is not null) moved = where(resting, state, moved);
                resting = resting is null ? settled : resting.logical_or(settled);
            }
            state = moved;
        }
        return state;
    }

    Tensor Decode(Tensor state, Tensor? memory, Tensor states, Tensor? mask, Tensor known, Tensor? forced)
    {
        long batch = state.shape[0];
        List<Tensor> parts = [];
        Tensor last = zeros(batch, _spec.Outputs, device: _device);
        for (int h = 0; h < _spec.Horizons; h++)
        {
            Tensor x = _spec.Known == 0 ? last : cat([last, known.select(1, h)], -1);
            if (_cell is LSTMCell lstm) (state, memory) = lstm.call(x, (state, memory!));
            else state = ((GRUCell)_cell!).call(x, state);
            Tensor output = Output(Features(state, states, mask));
            parts.Add(output);
            last = output.reshape(batch, _spec.Outputs, _spec.Quantiles.Length).select(2, _spec.MedianIndex);
            if (forced is null) continue;
            Tensor told = forced.select(1, h);
            last = where(told.isnan(), last, told.nan_to_num());
        }
        return cat(parts, -1);
    }
}
