namespace StreamForecaster.Models;

/// <summary>The tensors that a spec needs, in the order of the block, named as PyTorch names them.</summary>
static class WeightLayout
{
    public static IReadOnlyList<WeightTensor> Of(ModelSpec spec)
    {
        List<WeightTensor> tensors = [];
        AddEncoder(tensors, spec);
        AddAttention(tensors, spec);
        AddHead(tensors, spec);
        return tensors;
    }

    /// <summary>Gates of a cell: rows of its matrices per unit.</summary>
    public static int Gates(EncoderKind kind) => kind switch { EncoderKind.Gru => 3, EncoderKind.Lstm => 4, _ => 1 };

    /// <summary>The cell of the decoder: an LSTM continues an LSTM, a GRU everything else.</summary>
    public static EncoderKind DecoderCell(ModelSpec spec) => spec.Encoder == EncoderKind.Lstm ? EncoderKind.Lstm : EncoderKind.Gru;

    static void AddEncoder(List<WeightTensor> tensors, ModelSpec spec)
    {
        int gates = Gates(spec.Encoder) * spec.HiddenSize;
        for (int layer = 0; layer < spec.Layers; layer++)
            for (int direction = 0; direction < (spec.Bidirectional ? 2 : 1); direction++)
            {
                string suffix = $"_l{layer}{(direction == 1 ? "_reverse" : "")}";
                int inputs = layer == 0 ? spec.Inputs : spec.StateWidth;
                AddCell(tensors, "encoder.", suffix, gates, inputs, spec.HiddenSize);
            }
    }

    static void AddAttention(List<WeightTensor> tensors, ModelSpec spec)
    {
        int width = spec.StateWidth;
        switch (spec.Attention)
        {
            case AttentionKind.Additive:
                Add(tensors, "attention.query.weight", width, width);
                Add(tensors, "attention.key.weight", width, width);
                Add(tensors, "attention.score.weight", 1, width);
                break;
            case AttentionKind.General:
                Add(tensors, "attention.general.weight", width, width);
                break;
            case AttentionKind.ScaledDot or AttentionKind.MultiHead:
                Add(tensors, "attention.query.weight", width, width);
                Add(tensors, "attention.key.weight", width, width);
                Add(tensors, "attention.value.weight", width, width);
                if (spec.Attention == AttentionKind.MultiHead) Add(tensors, "attention.output.weight", width, width);
                break;
        }
    }

    static void AddHead(List<WeightTensor> tensors, ModelSpec spec)
    {
        int width = spec.StateWidth;
        int features = spec.Attention != AttentionKind.None && spec.Combine == CombineKind.Concat ? 2 * width : width;
        int outputs = spec.OutputSize;
        if (spec.Head == HeadKind.Decoder)
        {
            AddCell(tensors, "decoder.", "", Gates(DecoderCell(spec)) * width, spec.Outputs + spec.Known, width);
            outputs = spec.Outputs * spec.Quantiles.Length;
        }
        else
        {
            if (spec.Head == HeadKind.Refine) AddCell(tensors, "refine.", "", 3 * width, width, width);
            features += spec.Known * spec.Horizons;
        }
        Add(tensors, "head.weight", outputs, features);
        Add(tensors, "head.bias", outputs);
    }

    static void AddCell(List<WeightTensor> tensors, string prefix, string suffix, int gates, int inputs, int hidden)
    {
        Add(tensors, $"{prefix}weight_ih{suffix}", gates, inputs);
        Add(tensors, $"{prefix}weight_hh{suffix}", gates, hidden);
        Add(tensors, $"{prefix}bias_ih{suffix}", gates);
        Add(tensors, $"{prefix}bias_hh{suffix}", gates);
    }

    static void Add(List<WeightTensor> tensors, string name, params int[] shape) =>
        tensors.Add(new WeightTensor(name, shape, tensors.Count == 0 ? 0 : tensors[^1].Offset + tensors[^1].Length));
}
