using StreamForecaster.Models.Heads;
using StreamForecaster.Models.Kernels;

namespace StreamForecaster.Models.Engines;

/// <summary>
/// The fast engine for training: blocks of rows forward and backward through time, in a fixed order. A step's gate gradients
/// take the place of its gates; the weights' gradients are contracted over eight steps of the block at a time.
/// </summary>
sealed unsafe class FastGradients : IGradientEngine
{
    /// <summary>Few enough that the gates of all steps stay in the second cache, hidden 32.</summary>
    const int BlockRows = 8;

    const int ChunkSteps = 8;

    readonly ModelSpec _spec;
    readonly Weights _source;
    readonly FastWeights _weights;
    readonly FastForward _forward;
    readonly FastGradientSums _sums;
    readonly Loss _loss;
    readonly FloatBlock _output, _outputGradient, _features, _query, _scores, _carry;
    readonly byte[] _sortedFrom;

    public FastGradients(ModelSpec spec, Weights weights, Weights gradients, TrainingOptions options)
    {
        (_spec, _source, _loss) = (spec, weights, new Loss(spec, options));
        _weights = new FastWeights(spec, weights);
        _forward = new FastForward(_weights, BlockRows, keepGates: true);
        _sums = new FastGradientSums(_weights, weights, gradients);
        (_output, _sortedFrom) = (new FloatBlock(2 * spec.OutputSize), new byte[spec.OutputSize]);
        _outputGradient = new FloatBlock(BlockRows * _weights.OutputStride);
        _features = new FloatBlock(BlockRows * 2 * spec.HiddenSize);
        _query = new FloatBlock(BlockRows * spec.HiddenSize);
        _scores = new FloatBlock(BlockRows * _forward.LookStride);
        _carry = new FloatBlock(BlockRows * spec.HiddenSize);
    }

    public double Compute(in TrainingBatch batch, in TrainingPass pass)
    {
        _weights.Refresh();
        double total = 0, weight = _loss.TotalWeight(batch);
        if (weight == 0) return 0;
        _sums.Clear();
        fixed (float* inputs = batch.Inputs)
            for (int first = 0; first < batch.Count; first += BlockRows)
            {
                int rows = Math.Min(BlockRows, batch.Count - first);
                float* block = inputs + (nint)first * batch.Steps * _spec.Inputs;
                _forward.Run(rows, block, batch.Steps);
                total += Lose(batch, first, rows, weight);
                LookBack(rows);
                StepsBack(rows, block, batch.Steps);
            }
        _sums.AddToGradients();
        return total;
    }

    /// <summary>The block's loss; its gradient goes back through the sorting to the head's raw outputs.</summary>
    double Lose(in TrainingBatch batch, int first, int rows, double weight)
    {
        double total = 0;
        int outputs = _spec.OutputSize, targetWidth = _spec.TargetSize, quantiles = _spec.Quantiles.Length;
        Span<float> output = _output.Span[..outputs], sorted = _output.Span[outputs..];
        _outputGradient.Span.Clear();
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<float> before = _forward.Raw(row);
            for (int group = 0; group < outputs; group += quantiles)
                SortQuantiles.SortGroup(before.Slice(group, quantiles), output.Slice(group, quantiles), _sortedFrom.AsSpan(group, quantiles));
            sorted.Clear();
            double share = (batch.SampleWeights.IsEmpty ? 1 : batch.SampleWeights[first + row]) / weight;
            total += _loss.Row(output, batch.Targets.Slice((first + row) * targetWidth, targetWidth), share, sorted);
            Span<float> raw = _outputGradient.Span[(row * _weights.OutputStride)..];
            for (int group = 0; group < outputs; group += quantiles)
                for (int q = group; q < group + quantiles; q++) raw[group + _sortedFrom[q]] = sorted[q];
        }
        return total;
    }

    /// <summary>From the outputs' gradient to that of the last state, and to what attention sends to every state.</summary>
    void LookBack(int rows)
    {
        int hidden = _spec.HiddenSize, width = 2 * hidden, outputs = _spec.OutputSize, stride = _forward.LookStride;
        Span<float> features = _features.Span[..(rows * width)], query = _query.Span[..(rows * hidden)], carry = _carry.Span;
        features.Clear();
        MatrixProduct.Add(_outputGradient.Span, _weights.OutputStride, 1, _weights.HeadBack.Span, width, features, width, rows, outputs, width);
        _sums.AddHead(_forward.Features.Span, _outputGradient.Span, rows);
        for (int row = 0; row < rows; row++)
        {
            float* states = _forward.States(1) + row * hidden, scores = _scores.Pointer + row * stride;
            AttentionRows.Scores(_features.Pointer + row * width + hidden, states, _forward.StepStride, _spec.Lookback, hidden, scores);
            ReadOnlySpan<float> look = _forward.Looks.Span.Slice(row * stride, _spec.Lookback);
            Span<float> d = _scores.Span.Slice(row * stride, _spec.Lookback);
            float mean = Rows.Dot(look, d);
            for (int t = 0; t < d.Length; t++) d[t] = look[t] * (d[t] - mean);
            AttentionRows.Read(scores, states, _forward.StepStride, _spec.Lookback, hidden, _query.Pointer + row * hidden);
            features.Slice(row * width, hidden).CopyTo(carry[(row * hidden)..]);
        }
        MatrixProduct.Add(query, hidden, 1, _weights.QueryBack.Span, hidden, carry, hidden, rows, hidden, hidden);
        _sums.AddQuery(_forward.Features.Span, query, rows);
    }

    void StepsBack(int rows, float* inputs, int steps)
    {
        int hidden = _spec.HiddenSize, gateRow = 4 * hidden, width = _spec.Inputs;
        AttentionFlow flow = new()
        {
            Read = _features.Pointer + hidden,
            ReadRow = 2 * hidden,
            Query = _forward.Query.Pointer,
            Weights = _forward.Looks.Pointer,
            Scores = _scores.Pointer,
            WeightRow = _forward.LookStride,
        };
        ReadOnlySpan<float> recurrent = _source["encoder.weight_hh_l0"];
        nint inputRow = (nint)steps * width, gateStep = (nint)BlockRows * gateRow;
        inputs += (steps - _spec.Lookback) * width;
        for (int step = _spec.Lookback - 1; step >= 0; step--)
        {
            float* gates = _forward.Gates(step);
            GruGateRows.Backward(gates, _forward.States(step), _carry.Pointer, flow, step, rows, hidden);
            if (step > 0)
            {
                ReadOnlySpan<float> d = new(gates + hidden, rows * gateRow - hidden);
                MatrixProduct.Add(d, gateRow, 1, recurrent, hidden, _carry.Span, hidden, rows, 3 * hidden, hidden);
            }
            if (step % ChunkSteps != 0) continue;
            int chunk = Math.Min(ChunkSteps, _spec.Lookback - step);
            _sums.AddSteps(
                new Samples(inputs + step * width, width, inputRow), new Samples(_forward.States(step), _forward.StepStride, hidden), new Samples(gates, gateStep, gateRow),
                chunk, rows);
        }
    }
}
