namespace StreamForecaster.Models;

/// <summary>
/// A batch as a caller gave it: inputs [count, steps, inputs], known [count, horizon, known], targets [count, horizon, output]
/// (NaN: missing) or class indices [count], sample weights [count] or none.
/// </summary>
public readonly ref struct TrainingBatch
{
    public required int Count { get; init; }

    public required int Steps { get; init; }

    public required ReadOnlySpan<float> Inputs { get; init; }

    public required ReadOnlySpan<float> Known { get; init; }

    public required ReadOnlySpan<float> Targets { get; init; }

    public required ReadOnlySpan<float> SampleWeights { get; init; }
}

/// <summary>What the random parts of one training step depend on.</summary>
public readonly record struct TrainingPass(ulong Seed, ulong Step, double Forcing);
