using System.ComponentModel.DataAnnotations;
using StreamForecaster.Grouping;
using StreamForecaster.Learning;

namespace StreamForecaster.Backtesting;

/// <summary>What a forecast backtest does.</summary>
public sealed record ForecastBacktestOptions
{
    /// <summary>Rows that scale the figures and train the model first.</summary>
    [Range(2, int.MaxValue)]
    public required int TrainRows { get; init; }

    /// <summary>The first row that is a target.</summary>
    public required int OnlineFrom { get; init; }

    /// <summary>Figures are over steps 1..H for each H of these.</summary>
    public required IReadOnlyList<int> Horizons { get; init; }

    /// <summary>How much memory and time a series may take.</summary>
    public SeriesProfile Profile { get; init; }

    /// <summary>The model beside the experts; null: none.</summary>
    public ModelOptions? Model { get; init; } = new();

    /// <summary>How the model is trained.</summary>
    public BacktestTrainingOptions Training { get; init; } = new();
}

/// <summary>How a backtest's model is trained: first on the training rows, then on what has arrived, every few rows.</summary>
public sealed record BacktestTrainingOptions
{
    /// <summary>Windows a gradient step.</summary>
    [Range(1, 4096)]
    public int Batch { get; init; } = 64;

    /// <summary>Gradient steps before the first forecast.</summary>
    [Range(0, 1_000_000)]
    public int FirstSteps { get; init; } = 600;

    /// <summary>Rows between updates; two days of hours, as in the published protocols.</summary>
    [Range(1, 1_000_000)]
    public int UpdateEvery { get; init; } = 48;

    /// <summary>Gradient steps an update.</summary>
    [Range(0, 100_000)]
    public int UpdateSteps { get; init; } = 8;

    /// <summary>Half of an update's windows end in this many of the newest rows, half anywhere before.</summary>
    [Range(1, 1_000_000)]
    public int RecentRows { get; init; } = 2_000;

    /// <summary>Peak learning rate of the first training.</summary>
    [Range(1e-6, 1)]
    public double LearningRate { get; init; } = 3e-3;

    /// <summary>Learning rate of the updates.</summary>
    [Range(0, 1)]
    public double UpdateLearningRate { get; init; } = 5e-3;

    /// <summary>Share of Huber's loss of the median beside the pinball loss.</summary>
    [Range(0, 1_000)]
    public double HuberWeight { get; init; } = 3.5;

    /// <summary>Where Huber's loss turns from square to line, in usual changes: the figures are squared errors, which want the mean of what
    /// comes rather than its median.</summary>
    [Range(1e-6, 1e6)]
    public double HuberDelta { get; init; } = 0.8;

    /// <summary>Decay per step of the averaged weights, which forecast.</summary>
    [Range(0.5, 0.99999)]
    public double AverageDecay { get; init; } = 0.99;

    /// <summary>Of the weights and of the drawing of windows.</summary>
    public int Seed { get; init; } = 1;
}
