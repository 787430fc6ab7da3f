using StreamForecaster.Models.Kernels;

namespace StreamForecaster.Models.Engines;

/// <summary>
/// The gradients of the packed and folded weights, summed over a batch, and their way to the gradients of the model's own
/// tensors: the products of the folding, differentiated.
/// </summary>
sealed unsafe class FastGradientSums(FastWeights form, Weights weights, Weights gradients)
{
    readonly int _hidden = form.Hidden, _inputs = form.Inputs, _outputs = form.Outputs, _stride = form.OutputStride;
    readonly FloatBlock _state = new(3 * form.Hidden * form.Hidden), _input = new(3 * form.Hidden * form.Inputs), _bias = new(4 * form.Hidden);
    readonly FloatBlock _head = new(2 * form.Hidden * form.OutputStride), _headBias = new(form.OutputStride), _query = new(form.Hidden * form.Hidden);
    readonly FloatBlock _square = new(form.Hidden * form.Hidden), _context = new(form.Outputs * form.Hidden);

    public void Clear()
    {
        _state.Span.Clear();
        _input.Span.Clear();
        _bias.Span.Clear();
        _head.Span.Clear();
        _headBias.Span.Clear();
        _query.Span.Clear();
    }

    /// <summary>Inputs, states before and gate gradients [n, r, z, m] of some steps of a block.</summary>
    public void AddSteps(Samples inputs, Samples before, Samples gates, int steps, int rows)
    {
        Samples ofState = new(gates.Start + _hidden, gates.Outer, gates.Inner);
        Contraction.Add(before, _hidden, ofState, 3 * _hidden, _state.Pointer, steps, rows);
        Contraction.Add(inputs, _inputs, gates, 3 * _hidden, _input.Pointer, steps, rows);
        Contraction.AddColumns(gates, 4 * _hidden, _bias.Pointer, steps, rows);
    }

    public void AddHead(ReadOnlySpan<float> features, ReadOnlySpan<float> outputs, int rows)
    {
        MatrixProduct.Add(features, 1, 2 * _hidden, outputs, _stride, _head.Span, _stride, 2 * _hidden, rows, _stride);
        for (int row = 0; row < rows; row++) Rows.AddScaled(1, outputs.Slice(row * _stride, _stride), _headBias.Span);
    }

    public void AddQuery(ReadOnlySpan<float> features, ReadOnlySpan<float> query, int rows) =>
        MatrixProduct.Add(features, 1, 2 * _hidden, query, _hidden, _query.Span, _hidden, _hidden, rows, _hidden);

    public void AddToGradients()
    {
        AddEncoder();
        AddAttention();
        AddHead();
    }

    /// <summary>Sums lie [n, r, z] (inputs) and [r, z, m] (states); PyTorch's rows are r, z, n.</summary>
    void AddEncoder()
    {
        Span<float> input = gradients.Edit("encoder.weight_ih_l0"), state = gradients.Edit("encoder.weight_hh_l0");
        Span<float> inputBias = gradients.Edit("encoder.bias_ih_l0"), stateBias = gradients.Edit("encoder.bias_hh_l0");
        int gates = 3 * _hidden;
        for (int row = 0; row < gates; row++)
        {
            int ofInput = (row + _hidden) % gates;
            inputBias[row] += _bias.Span[ofInput];
            stateBias[row] += _bias.Span[_hidden + row];
            for (int i = 0; i < _inputs; i++) input[row * _inputs + i] += _input.Span[i * gates + ofInput];
            for (int j = 0; j < _hidden; j++) state[row * _hidden + j] += _state.Span[j * gates + row];
        }
    }

    /// <summary>Q = W_qᵀ W_k / √d as [state unit, query unit]: dW_k = W_q dQ / √d, dW_q = W_k dQᵀ / √d.</summary>
    void AddAttention()
    {
        Span<float> d = _query.Span;
        foreach (ref float value in d) value *= form.Scale;
        ReadOnlySpan<float> query = weights["attention.query.weight"], key = weights["attention.key.weight"];
        MatrixProduct.Add(query, _hidden, 1, d, _hidden, gradients.Edit("attention.key.weight"), _hidden, _hidden, _hidden, _hidden);
        FastWeights.Transpose(d, _hidden, _hidden, _square.Span, _hidden);
        MatrixProduct.Add(key, _hidden, 1, _square.Span, _hidden, gradients.Edit("attention.query.weight"), _hidden, _hidden, _hidden, _hidden);
    }

    /// <summary>M = W_c W_v: dW_c = dM W_vᵀ, dW_v = W_cᵀ dM; the state's half of the head is its own.</summary>
    void AddHead()
    {
        int width = 2 * _hidden;
        ReadOnlySpan<float> head = weights["head.weight"], value = weights["attention.value.weight"];
        Span<float> d = gradients.Edit("head.weight"), context = _context.Span, bias = gradients.Edit("head.bias");
        for (int o = 0; o < _outputs; o++)
        {
            bias[o] += _headBias.Span[o];
            for (int j = 0; j < _hidden; j++)
            {
                d[o * width + j] += _head.Span[j * _stride + o];
                context[o * _hidden + j] = _head.Span[(_hidden + j) * _stride + o];
            }
        }
        MatrixProduct.Add(head[_hidden..], 1, width, context, _hidden, gradients.Edit("attention.value.weight"), _hidden, _hidden, _outputs, _hidden);
        FastWeights.Transpose(value, _hidden, _hidden, _square.Span, _hidden);
        MatrixProduct.Add(context, _hidden, 1, _square.Span, _hidden, d[_hidden..], width, _outputs, _hidden, _hidden);
    }
}
