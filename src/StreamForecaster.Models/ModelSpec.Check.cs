namespace StreamForecaster.Models;

public sealed partial record ModelSpec
{
    /// <summary>Null if the spec can be built, otherwise one line: what, where, what is allowed.</summary>
    public string? Check() =>
        Range(nameof(Layers), Layers, 1, 8)
        ?? Range(nameof(HiddenSize), HiddenSize, 1, 1024)
        ?? Range(nameof(Inputs), Inputs, 1, 1024)
        ?? Range(nameof(Outputs), Outputs, 1, 256)
        ?? Range(nameof(Known), Known, 0, 256)
        ?? Range(nameof(GapInput), GapInput, -1, Inputs - 1)
        ?? Range(nameof(Lookback), Lookback, 1, 4096)
        ?? Range(nameof(Horizons), Horizons, 1, 512)
        ?? Range(nameof(RefineRounds), RefineRounds, 1, 16)
        ?? Kinds()
        ?? (Dropout is >= 0 and < 1 ? null : $"Dropout is {Dropout}; allowed is 0 up to, not including, 1")
        ?? (RefineTolerance >= 0 ? null : $"RefineTolerance is {RefineTolerance}; allowed is 0 or more")
        ?? CheckHeads()
        ?? CheckQuantiles()
        ?? CheckSize();

    static string? Range(string name, int value, int least, int most) =>
        value >= least && value <= most ? null : $"{name} is {value}; allowed is {least}..{most}";

    string? Kinds()
    {
        if (!Enum.IsDefined(Encoder)) return $"Encoder {Encoder} is unknown; allowed are {string.Join(", ", Enum.GetNames<EncoderKind>())}";
        if (!Enum.IsDefined(Attention)) return $"Attention {Attention} is unknown; allowed are {string.Join(", ", Enum.GetNames<AttentionKind>())}";
        if (!Enum.IsDefined(Combine)) return $"Combine {Combine} is unknown; allowed are {string.Join(", ", Enum.GetNames<CombineKind>())}";
        return Enum.IsDefined(Head) ? null : $"Head {Head} is unknown; allowed are {string.Join(", ", Enum.GetNames<HeadKind>())}";
    }

    string? CheckHeads()
    {
        if (Attention == AttentionKind.MultiHead && (AttentionHeads < 1 || StateWidth % AttentionHeads != 0))
            return $"AttentionHeads is {AttentionHeads}; allowed are divisors of the state's width {StateWidth}";
        if (Head == HeadKind.Classifier)
            return Range(nameof(Classes), Classes, 2, 4096);
        return Classes == 0 ? null : $"Classes is {Classes}; only the classifier head has classes, the {Head} head wants 0";
    }

    /// <summary>Limits alone allow a head of billions of weights: their product has a limit too.</summary>
    string? CheckSize()
    {
        const long Most = 1 << 26;
        long outputs = Head == HeadKind.Classifier ? Classes : (long)Horizons * Outputs * Quantiles.Length;
        long weights = outputs * (2 * StateWidth + (long)Known * Horizons);
        return weights <= Most ? null : $"Horizons × Outputs × Quantiles make a head of {weights} weights; allowed are {Most}";
    }

    string? CheckQuantiles()
    {
        if (Quantiles is not { Length: >= 1 and <= 32 }) return "Quantiles wants 1..32 values";
        for (int i = 0; i < Quantiles.Length; i++)
        {
            if (!(Quantiles[i] is > 0 and < 1)) return $"Quantiles[{i}] is {Quantiles[i]}; allowed is between 0 and 1";
            if (i > 0 && Quantiles[i] <= Quantiles[i - 1]) return $"Quantiles[{i}] is {Quantiles[i]}; they must ascend";
        }
        return null;
    }
}
