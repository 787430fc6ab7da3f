using System.ComponentModel.DataAnnotations;
using StreamForecaster.Models;

namespace StreamForecaster.Learning;

/// <summary>Settings of a series group's model.</summary>
public sealed record ModelOptions
{
    /// <summary>The recurrent cell.</summary>
    public EncoderKind Encoder { get; init; } = EncoderKind.Gru;

    /// <summary>Encoder layers.</summary>
    [Range(1, 8)]
    public int Layers { get; init; } = 1;

    /// <summary>How the forecast looks at past states.</summary>
    public AttentionKind Attention { get; init; } = AttentionKind.ScaledDot;

    /// <summary>What makes the forecast from the state and what attention read.</summary>
    public HeadKind Head { get; init; } = HeadKind.Direct;

    /// <summary>Hidden units.</summary>
    [Range(1, 1024)]
    public int HiddenSize { get; init; } = 32;

    /// <summary>Steps that a forecast sees.</summary>
    [Range(2, 4096)]
    public int Lookback { get; init; } = 64;

    /// <summary>Steps ahead: 1 to this many.</summary>
    [Range(1, 512)]
    public int Horizons { get; init; } = 12;

    /// <summary>Quantiles, ascending, the median among them.</summary>
    public IReadOnlyList<double> Quantiles { get; init; } = [0.05, 0.5, 0.95];

    /// <summary>The spec of a model.</summary>
    /// <param name="inputs">Features per step.</param>
    /// <param name="gapInput">The feature that flags a gap, or -1.</param>
    public ModelSpec ToSpec(int inputs, int gapInput = -1) => new()
    {
        Encoder = Encoder,
        Layers = Layers,
        Attention = Attention,
        Head = Head,
        GapInput = gapInput,
        HiddenSize = HiddenSize,
        Inputs = inputs,
        Lookback = Lookback,
        Horizons = Horizons,
        Quantiles = [.. Quantiles],
    };
}
