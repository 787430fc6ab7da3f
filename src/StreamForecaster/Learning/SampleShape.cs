using StreamForecaster.Models;

namespace StreamForecaster.Learning;

/// <summary>How many floats a training sample of a series group has: inputs <c>[lookback, inputs]</c>, what is known ahead
/// <c>[horizon, known]</c>, targets <c>[horizon]</c>, in this order.</summary>
public readonly record struct SampleShape(int Lookback, int Inputs, int Known, int Horizons)
{
    /// <summary>Floats of the input window.</summary>
    public int InputFloats => Lookback * Inputs;

    /// <summary>Floats known ahead.</summary>
    public int KnownFloats => Horizons * Known;

    /// <summary>Floats of the whole sample.</summary>
    public int Floats => InputFloats + KnownFloats + Horizons;

    /// <summary>Throws where spans of these lengths are not a sample of this shape.</summary>
    internal void Require(int inputs, int known, int targets)
    {
        if (inputs != InputFloats || known != KnownFloats || targets != Horizons)
        {
            throw new ArgumentException($"A sample has {InputFloats}, {KnownFloats} and {Horizons} floats, not {inputs}, {known} and {targets}.", nameof(inputs));
        }
    }

    /// <summary>The shape that a model wants.</summary>
    public static SampleShape Of(ModelSpec spec) => new(spec.Lookback, spec.Inputs, spec.Known, spec.Horizons);
}
