namespace StreamForecaster.Models;

/// <summary>The recurrent cell of the encoder.</summary>
public enum EncoderKind { Gru, Lstm, Rnn, RnnRelu }

/// <summary>How a query looks at the encoder's past states.</summary>
public enum AttentionKind { ScaledDot, None, Additive, Dot, General, MultiHead }

/// <summary>How the state and what attention read are joined: side by side, or added (residual).</summary>
public enum CombineKind { Concat, Sum }

/// <summary>What makes the output from the state and the attention over the encoder's states.</summary>
public enum HeadKind { Direct, Decoder, Refine, Classifier }

/// <summary>
/// Everything that fixes a model's shapes. It travels as JSON in the metadata of a weight file, so its names may only grow.
/// <see cref="Check"/> says in one line what is wrong with a spec; constructing a model calls it.
/// </summary>
public sealed partial record ModelSpec
{
    public EncoderKind Encoder { get; init; } = EncoderKind.Gru;

    /// <summary>Encoder layers, 1..8.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>Units of a layer and direction, 1..1024.</summary>
    public int HiddenSize { get; init; } = 32;

    /// <summary>A second encoder reads the window backwards; only the windowed form can do that.</summary>
    public bool Bidirectional { get; init; }

    /// <summary>Share of a layer's outputs dropped on the way to the next layer in training, [0, 1).</summary>
    public double Dropout { get; init; }

    public AttentionKind Attention { get; init; } = AttentionKind.ScaledDot;

    /// <summary>Heads of <see cref="AttentionKind.MultiHead"/>; a divisor of the state's width.</summary>
    public int AttentionHeads { get; init; } = 4;

    public CombineKind Combine { get; init; } = CombineKind.Concat;

    public HeadKind Head { get; init; } = HeadKind.Direct;

    /// <summary>Most rounds of <see cref="HeadKind.Refine"/>, 1..16.</summary>
    public int RefineRounds { get; init; } = 3;

    /// <summary>A refine round that moves no unit by more than this is the last of its row; 0 runs all rounds.</summary>
    public double RefineTolerance { get; init; }

    /// <summary>Features of one step.</summary>
    public int Inputs { get; init; } = 1;

    /// <summary>Channels that are forecast.</summary>
    public int Outputs { get; init; } = 1;

    /// <summary>Covariates known ahead, per horizon.</summary>
    public int Known { get; init; }

    /// <summary>The feature that flags a gap (not 0: attention leaves the step out), or -1. The newest step is never left out.</summary>
    public int GapInput { get; init; } = -1;

    /// <summary>Labels of <see cref="HeadKind.Classifier"/>, at least 2; 0 for the other heads.</summary>
    public int Classes { get; init; }

    /// <summary>Steps that attention sees, 1..4096.</summary>
    public int Lookback { get; init; } = 64;

    /// <summary>Steps ahead that are forecast: 1..Horizons.</summary>
    public int Horizons { get; init; } = 12;

    /// <summary>Ascending, each in (0, 1).</summary>
    public double[] Quantiles { get; init; } = [.05, .5, .95];

    /// <summary>Width of the encoder's state as attention and heads see it: both directions.</summary>
    internal int StateWidth => Bidirectional ? 2 * HiddenSize : HiddenSize;

    /// <summary>Values a forecast has: [horizon, output, quantile], or [class].</summary>
    public int OutputSize => Head == HeadKind.Classifier ? Classes : Horizons * Outputs * Quantiles.Length;

    /// <summary>Values a target has: [horizon, output], or one class index.</summary>
    public int TargetSize => Head == HeadKind.Classifier ? 1 : Horizons * Outputs;

    /// <summary>Place of the quantile nearest to the median.</summary>
    public int MedianIndex
    {
        get
        {
            int best = 0;
            for (int i = 1; i < Quantiles.Length; i++)
                if (Math.Abs(Quantiles[i] - .5) < Math.Abs(Quantiles[best] - .5)) best = i;
            return best;
        }
    }

    /// <summary>Equal in every setting.</summary>
    public bool Equals(ModelSpec? other) => other is not null && string.Equals(ToJson(), other.ToJson(), StringComparison.Ordinal);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(ToJson());
}
