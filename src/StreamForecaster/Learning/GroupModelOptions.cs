using StreamForecaster.Models;

namespace StreamForecaster.Learning;

/// <summary>What a series group's model has of its own; what is not set is as <c>learn.model</c> says.</summary>
public sealed record GroupModelOptions
{
    /// <inheritdoc cref="ModelOptions.Encoder"/>
    public EncoderKind? Encoder { get; init; }

    /// <inheritdoc cref="ModelOptions.Layers"/>
    public int? Layers { get; init; }

    /// <inheritdoc cref="ModelOptions.HiddenSize"/>
    public int? HiddenSize { get; init; }

    /// <inheritdoc cref="ModelOptions.Bidirectional"/>
    public bool? Bidirectional { get; init; }

    /// <inheritdoc cref="ModelOptions.Dropout"/>
    public double? Dropout { get; init; }

    /// <inheritdoc cref="ModelOptions.Attention"/>
    public AttentionKind? Attention { get; init; }

    /// <inheritdoc cref="ModelOptions.AttentionHeads"/>
    public int? AttentionHeads { get; init; }

    /// <inheritdoc cref="ModelOptions.Combine"/>
    public CombineKind? Combine { get; init; }

    /// <inheritdoc cref="ModelOptions.Head"/>
    public HeadKind? Head { get; init; }

    /// <inheritdoc cref="ModelOptions.RefineRounds"/>
    public int? RefineRounds { get; init; }

    /// <inheritdoc cref="ModelOptions.RefineTolerance"/>
    public double? RefineTolerance { get; init; }

    /// <inheritdoc cref="ModelOptions.Lookback"/>
    public int? Lookback { get; init; }

    /// <inheritdoc cref="ModelOptions.Horizons"/>
    public int? Horizons { get; init; }

    /// <inheritdoc cref="ModelOptions.Quantiles"/>
    public IReadOnlyList<double>? Quantiles { get; init; }

    /// <summary>The whole model: this over <paramref name="common"/>.</summary>
    public ModelOptions Over(ModelOptions common) => new()
    {
        Encoder = Encoder ?? common.Encoder,
        Layers = Layers ?? common.Layers,
        HiddenSize = HiddenSize ?? common.HiddenSize,
        Bidirectional = Bidirectional ?? common.Bidirectional,
        Dropout = Dropout ?? common.Dropout,
        Attention = Attention ?? common.Attention,
        AttentionHeads = AttentionHeads ?? common.AttentionHeads,
        Combine = Combine ?? common.Combine,
        Head = Head ?? common.Head,
        RefineRounds = RefineRounds ?? common.RefineRounds,
        RefineTolerance = RefineTolerance ?? common.RefineTolerance,
        Lookback = Lookback ?? common.Lookback,
        Horizons = Horizons ?? common.Horizons,
        Quantiles = Quantiles ?? common.Quantiles,
    };
}
