using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using StreamForecaster.Models.Kernels;

namespace StreamForecaster.Models.Engines;

/// <summary>
/// The weights of the form that the fast engine covers, as its kernels read them. The GRU's are packed for
/// <see cref="GruTiles"/>. The attention is folded, which is exact: the query goes to the space of the raw states by one
/// matrix, Q = W_kᵀ W_q / √d, and the head takes the raw states' weighted sum by one matrix, W_out,context · W_v.
/// </summary>
sealed unsafe class FastWeights
{
    readonly Weights _weights;
    long _version = -1;

    public FastWeights(ModelSpec spec, Weights weights)
    {
        (Spec, _weights) = (spec, weights);
        (Inputs, Hidden, Outputs) = (spec.Inputs, spec.HiddenSize, spec.OutputSize);
        OutputStride = (Outputs + 7) & ~7;
        Gates = new FloatBlock(Hidden / GruTiles.Units * GruTiles.PackSize(Inputs, Hidden));
        (Query, QueryBack) = (new FloatBlock(Hidden * Hidden), new FloatBlock(Hidden * Hidden));
        (Head, HeadBack) = (new FloatBlock(2 * Hidden * OutputStride), new FloatBlock(Outputs * 2 * Hidden));
        HeadBias = new FloatBlock(OutputStride);
    }

    /// <summary>
    /// Whether the fast engine covers the spec on this machine: one GRU layer of a multiple of 16 units, scaled-dot attention
    /// joined by concatenation, a direct head without known covariates, vectors of eight floats.
    /// </summary>
    public static bool Cover(ModelSpec spec) =>
        Vector256.IsHardwareAccelerated && Avx2.IsSupported
        && spec is { Encoder: EncoderKind.Gru, Layers: 1, Bidirectional: false, Known: 0 }
        && spec is { Attention: AttentionKind.ScaledDot, Combine: CombineKind.Concat, Head: HeadKind.Direct }
        && spec.HiddenSize % 16 == 0;

    public ModelSpec Spec { get; }

    public int Inputs { get; }

    public int Hidden { get; }

    public int Outputs { get; }

    /// <summary>Outputs, up to a multiple of 8.</summary>
    public int OutputStride { get; }

    /// <summary>The <see cref="GruTiles"/> packs.</summary>
    public FloatBlock Gates { get; }

    /// <summary>[state unit, query unit], and the transpose.</summary>
    public FloatBlock Query { get; }

    public FloatBlock QueryBack { get; }

    /// <summary>[state unit, then unit of the read; output], and its transpose without padding.</summary>
    public FloatBlock Head { get; }

    public FloatBlock HeadBack { get; }

    public FloatBlock HeadBias { get; }

    /// <summary>1/√d.</summary>
    public float Scale => 1 / MathF.Sqrt(Hidden);

    /// <summary>Follows a change of the weights; true if there was one.</summary>
    public bool Refresh()
    {
        if (_version == _weights.Version) return false;
        PackGates();
        FoldQuery();
        FoldHead();
        _version = _weights.Version;
        return true;
    }

    void PackGates()
    {
        ReadOnlySpan<float> input = _weights["encoder.weight_ih_l0"], state = _weights["encoder.weight_hh_l0"];
        ReadOnlySpan<float> inputBias = _weights["encoder.bias_ih_l0"], stateBias = _weights["encoder.bias_hh_l0"];
        int size = GruTiles.PackSize(Inputs, Hidden), units = GruTiles.Units;
        for (int unit = 0; unit < Hidden; unit++)
        {
            Span<float> pack = Gates.Span.Slice(unit / units * size, size);
            int lane = unit % units;
            pack[3 * units + lane] = stateBias[2 * Hidden + unit];
            for (int gate = 0; gate < 3; gate++)
            {
                int row = gate * Hidden + unit, at = units * gate + lane;
                float factor = gate == 2 ? 1 : .5f;
                pack[at] = factor * (gate == 2 ? inputBias[row] : inputBias[row] + stateBias[row]);
                for (int i = 0; i < Inputs; i++) pack[4 * units + 3 * units * i + at] = factor * input[row * Inputs + i];
                for (int j = 0; j < Hidden; j++) pack[4 * units + 3 * units * (Inputs + j) + at] = factor * state[row * Hidden + j];
            }
        }
    }

    void FoldQuery()
    {
        Span<float> query = Query.Span;
        query.Clear();
        MatrixProduct.Add(_weights["attention.query.weight"], 1, Hidden, _weights["attention.key.weight"], Hidden, query, Hidden, Hidden, Hidden, Hidden);
        foreach (ref float value in query) value *= Scale;
        Transpose(query, Hidden, Hidden, QueryBack.Span, Hidden);
    }

    void FoldHead()
    {
        ReadOnlySpan<float> weight = _weights["head.weight"];
        Span<float> folded = HeadBack.Span;
        int width = 2 * Hidden;
        for (int o = 0; o < Outputs; o++)
        {
            weight.Slice(o * width, Hidden).CopyTo(folded[(o * width)..]);
            folded.Slice(o * width + Hidden, Hidden).Clear();
        }
        MatrixProduct.Add(weight[Hidden..], width, 1, _weights["attention.value.weight"], Hidden, folded[Hidden..], width, Outputs, Hidden, Hidden);
        Transpose(folded, Outputs, width, Head.Span, OutputStride);
        _weights["head.bias"].CopyTo(HeadBias.Span);
    }

    /// <summary>target [column, row] = source [row, column].</summary>
    public static void Transpose(ReadOnlySpan<float> source, int rows, int columns, Span<float> target, int targetRow)
    {
        for (int r = 0; r < rows; r++)
            for (int c = 0; c < columns; c++)
                target[c * targetRow + r] = source[r * columns + c];
    }
}
