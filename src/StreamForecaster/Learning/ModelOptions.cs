using System.ComponentModel.DataAnnotations;
using StreamForecaster.Models;

namespace StreamForecaster.Learning;

/// <summary>Settings of a series group's model: any form that streams. Ranges are the model's own (<see cref="ModelSpec.Check"/>).</summary>
public sealed record ModelOptions : IValidatableObject
{
    /// <summary>Shorter windows are mostly padding, and are not trained on.</summary>
    public const int LookbackMin = 16;

    /// <summary>The recurrent cell.</summary>
    public EncoderKind Encoder { get; init; } = EncoderKind.Gru;

    /// <summary>Encoder layers, 1 to 8.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>Hidden units, 1 to 1024.</summary>
    public int HiddenSize { get; init; } = 32;

    /// <summary>Only false is allowed: the daemon forecasts in the streaming form, which cannot read a window from its end.</summary>
    public bool Bidirectional { get; init; }

    /// <summary>The share of a layer's outputs dropped on the way to the next in training, 0 up to 1.</summary>
    public double Dropout { get; init; }

    /// <summary>How the forecast looks at past states.</summary>
    public AttentionKind Attention { get; init; } = AttentionKind.ScaledDot;

    /// <summary>Heads of <see cref="AttentionKind.MultiHead"/>: a divisor of <see cref="HiddenSize"/>.</summary>
    public int AttentionHeads { get; init; } = 4;

    /// <summary>How the state and what attention read are joined.</summary>
    public CombineKind Combine { get; init; } = CombineKind.Concat;

    /// <summary>What makes the forecast from the state and what attention read; not <see cref="HeadKind.Classifier"/>, which forecasts nothing.</summary>
    public HeadKind Head { get; init; } = HeadKind.Direct;

    /// <summary>Most rounds of <see cref="HeadKind.Refine"/>, 1 to 16.</summary>
    public int RefineRounds { get; init; } = 3;

    /// <summary>A refine round that moves no unit by more than this is the last; 0 runs all rounds.</summary>
    public double RefineTolerance { get; init; }

    /// <summary>Steps that a forecast sees, 16 to 4096.</summary>
    public int Lookback { get; init; } = 64;

    /// <summary>Steps ahead: 1 to this many, up to 512. The forecasts beside the model reach as far.</summary>
    public int Horizons { get; init; } = 12;

    /// <summary>Quantiles, ascending, an odd number with 0.5 in the middle: the median is the forecast.</summary>
    public IReadOnlyList<double> Quantiles { get; init; } = [0.05, 0.5, 0.95];

    /// <summary>The spec of a model.</summary>
    /// <param name="inputs">Features per step.</param>
    /// <param name="gapInput">The feature that flags a gap, or -1.</param>
    public ModelSpec ToSpec(int inputs, int gapInput = -1) => new()
    {
        Encoder = Encoder,
        Layers = Layers,
        HiddenSize = HiddenSize,
        Bidirectional = Bidirectional,
        Dropout = Dropout,
        Attention = Attention,
        AttentionHeads = AttentionHeads,
        Combine = Combine,
        Head = Head,
        RefineRounds = RefineRounds,
        RefineTolerance = RefineTolerance,
        GapInput = gapInput,
        Inputs = inputs,
        Lookback = Lookback,
        Horizons = Horizons,
        Quantiles = [.. Quantiles],
    };

    /// <summary>What a lane cannot run, then what cannot be built at all; a line each, the key named.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Head == HeadKind.Classifier)
        {
            yield return Mistake(nameof(Head), "value classifier labels windows and forecasts nothing; allowed: direct, decoder, refine");
        }

        if (Bidirectional)
        {
            yield return Mistake(nameof(Bidirectional), "value true has no streaming form: it reads the window from its end; allowed: false");
        }

        if (Lookback < LookbackMin)
        {
            yield return Mistake(nameof(Lookback), $"value {Lookback} is not in range; allowed: {LookbackMin} to 4096");
        }
        else if (Head != HeadKind.Classifier && ToSpec(inputs: 1).Check() is { } wrong)
        {
            yield return Mistake(new string([.. wrong.TakeWhile(char.IsAsciiLetter)]), wrong);
        }

        if (Quantiles.Count % 2 == 0 || Quantiles[Quantiles.Count / 2] != 0.5)
        {
            yield return Mistake(nameof(Quantiles), $"[{string.Join(", ", Quantiles)}] has no median in its middle; allowed: an odd number of them with 0.5 in the middle");
        }
    }

    static ValidationResult Mistake(string key, string words) => new(words, [key]);
}
