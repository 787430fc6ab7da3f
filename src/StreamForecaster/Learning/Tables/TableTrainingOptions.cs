using System.ComponentModel.DataAnnotations;

namespace StreamForecaster.Learning.Tables;

/// <summary>How a model is trained on tables.</summary>
public sealed record TableTrainingOptions
{
    /// <summary>The last share of every table's rows: not trained on, it says when to stop.</summary>
    [Range(0.01, 0.9)]
    public double HeldBack { get; init; } = 0.2;

    /// <summary>Windows taken from the tables at most, evenly.</summary>
    [Range(100, 1_000_000)]
    public int Windows { get; init; } = 20_000;

    /// <summary>Gradient steps at most.</summary>
    [Range(1, 10_000_000)]
    public int Steps { get; init; } = 1000;

    /// <summary>Windows a gradient step.</summary>
    [Range(1, 4096)]
    public int BatchSize { get; init; } = 64;

    /// <summary>The top of the learning-rate schedule (warm-up, then cosine).</summary>
    [Range(1e-7, 1)]
    public double LearningRate { get; init; } = 5e-3;

    /// <summary>Looks at the held-back loss in a row without a new best before it stops.</summary>
    [Range(1, 1000)]
    public int Patience { get; init; } = 5;

    /// <summary>Parts that stay as they are: prefixes of tensor names, such as <c>encoder</c>.</summary>
    public IReadOnlyList<string> Frozen { get; init; } = [];

    /// <summary>Of the drawing of windows and of dropout.</summary>
    public int Seed { get; init; } = 1;
}
