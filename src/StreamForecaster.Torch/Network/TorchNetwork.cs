using StreamForecaster.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace StreamForecaster.Torch;

/// <summary>A spec as TorchSharp's modules and tensors; parameters go by the names and layouts of <see cref="Weights"/>.</summary>
sealed partial class TorchNetwork
{
    readonly ModelSpec _spec;
    readonly Device _device;
    readonly Dictionary<string, Tensor> _parameters = new(StringComparer.Ordinal);
    readonly nn.Module _encoder;
    readonly nn.Module? _cell;
    long _version = -1;

    public TorchNetwork(ModelSpec spec, Device device)
    {
        (_spec, _device) = (spec, device);
        _encoder = Named("encoder.", NewEncoder());
        int width = spec.StateWidth;
        if (spec.Head == HeadKind.Decoder)
            _cell = Named("decoder.", spec.Encoder == EncoderKind.Lstm ? nn.LSTMCell(spec.Outputs + spec.Known, width, device: device) : nn.GRUCell(spec.Outputs + spec.Known, width, device: device));
        if (spec.Head == HeadKind.Refine) _cell = Named("refine.", nn.GRUCell(width, width, device: device));
        foreach (WeightTensor tensor in WeightLayout.Of(spec))
            if (!_parameters.ContainsKey(tensor.Name))
                _parameters[tensor.Name] = zeros([.. tensor.Shape.Select(s => (long)s)], device: device, requires_grad: true).DetachFromDisposeScope();
    }

    public ModelSpec Spec => _spec;

    public Device Device => _device;

    nn.Module NewEncoder()
    {
        ModelSpec s = _spec;
        return s.Encoder switch
        {
            EncoderKind.Gru => nn.GRU(s.Inputs, s.HiddenSize, s.Layers, batchFirst: true, dropout: s.Dropout, bidirectional: s.Bidirectional, device: _device),
            EncoderKind.Lstm => nn.LSTM(s.Inputs, s.HiddenSize, s.Layers, batchFirst: true, dropout: s.Dropout, bidirectional: s.Bidirectional, device: _device),
            _ => nn.RNN(
                s.Inputs, s.HiddenSize, s.Layers, s.Encoder == EncoderKind.RnnRelu ? nn.NonLinearities.ReLU : nn.NonLinearities.Tanh, batchFirst: true,
                dropout: s.Dropout, bidirectional: s.Bidirectional, device: _device),
        };
    }

    nn.Module Named(string prefix, nn.Module module)
    {
        foreach ((string name, Parameter parameter) in module.named_parameters()) _parameters[prefix + name] = parameter;
        return module;
    }

    public void Train(bool isTraining) => _encoder.train(isTraining);

    /// <summary>Takes the weights over if they changed since the last call.</summary>
    public void Upload(Weights weights)
    {
        if (_version == weights.Version) return;
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        foreach (WeightTensor tensor in weights.Tensors) _parameters[tensor.Name].copy_(ToTensor(weights[tensor.Name], [.. tensor.Shape.Select(s => (long)s)]));
        _version = weights.Version;
    }

    public void ClearGradients()
    {
        foreach (Tensor parameter in _parameters.Values) parameter.grad()?.zero_();
    }

    /// <summary>Adds the parameters' gradients to a block.</summary>
    public void AddGradients(Weights gradients)
    {
        foreach (WeightTensor tensor in gradients.Tensors)
        {
            // A parameter that the output does not depend on has no gradient at all.
            if (_parameters[tensor.Name].grad() is not { } gradient) continue;
            float[] values = gradient.cpu().contiguous().data<float>().ToArray();
            Span<float> target = gradients.Edit(tensor.Name);
            for (int i = 0; i < values.Length; i++) target[i] += values[i];
        }
    }

    public Tensor ToTensor(ReadOnlySpan<float> values, long[] shape) => tensor(values.ToArray(), shape, device: _device);

    /// <summary>
    /// The output [batch, horizon · output · quantile] (a classifier: logits) of inputs [batch, steps, inputs] and known
    /// [batch, horizon, known]; <paramref name="forced"/> gives the decoder the targets it is to see, NaN where it sees its own.
    /// </summary>
    public Tensor Forward(Tensor inputs, Tensor known, Tensor? forced)
    {
        long steps = inputs.shape[1];
        (Tensor states, Tensor state, Tensor? memory) = Encode(inputs, steps - _spec.Lookback);
        Tensor? mask = _spec.GapInput < 0 ? null : GapMask(inputs.narrow(1, steps - _spec.Lookback, _spec.Lookback));
        if (_spec.Head == HeadKind.Decoder) return Decode(state, memory, states, mask, known, forced);
        if (_spec.Head == HeadKind.Refine) state = Refined(state, states, mask);
        Tensor features = Features(state, states, mask);
        return Output(_spec.Known == 0 ? features : cat([features, known.flatten(1)], -1));
    }

    /// <summary>The steps before the window only carry the state into it.</summary>
    (Tensor States, Tensor State, Tensor? Memory) Encode(Tensor inputs, long before)
    {
        (Tensor Hidden, Tensor? Memory)? start = null;
        if (before > 0)
            using (no_grad())
            {
                (_, Tensor hidden, Tensor? memory) = Run(inputs.narrow(1, 0, before), null);
                start = (hidden, memory);
            }
        (Tensor states, Tensor ends, Tensor? memories) = Run(inputs.narrow(1, before, _spec.Lookback).contiguous(), start);
        return (states, LastOf(ends), memories is null ? null : LastOf(memories));
    }

    (Tensor States, Tensor Ends, Tensor? Memories) Run(Tensor inputs, (Tensor Hidden, Tensor? Memory)? start)
    {
        switch (_encoder)
        {
            case GRU gru:
                (Tensor states, Tensor ends) = gru.call(inputs, start?.Hidden);
                return (states, ends, null);
            case LSTM lstm:
                return lstm.call(inputs, start is null ? null : (start.Value.Hidden, start.Value.Memory!));
            default:
                (Tensor plain, Tensor last) = ((RNN)_encoder).call(inputs, start?.Hidden);
                return (plain, last, null);
        }
    }

    /// <summary>Of [layer · direction, batch, units] the top layer, both directions side by side.</summary>
    Tensor LastOf(Tensor ends)
    {
        long last = ends.shape[0] - 1;
        return _spec.Bidirectional ? cat([ends.select(0, last - 1), ends.select(0, last)], -1) : ends.select(0, last);
    }

    Tensor GapMask(Tensor window)
    {
        Tensor gaps = window.select(2, _spec.GapInput).ne(0);
        return cat([gaps.narrow(1, 0, _spec.Lookback - 1), zeros_like(gaps.narrow(1, 0, 1))], 1);
    }
}
