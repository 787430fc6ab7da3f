using System.ComponentModel.DataAnnotations;

namespace StreamForecaster.Learning;

/// <summary>When training happens.</summary>
public enum TrainingMode
{
    /// <summary>On a thread of its own; a champion's activation is a journal entry.</summary>
    Background,

    /// <summary>Inside the stream, triggered by steps: the run is a function of the records. For backtests and tests, in one process: there is no
    /// checkpoint, a restart runs the records again from the start.</summary>
    Synchronous,

    /// <summary>Never: the models of the store, or the naive forecasts, answer.</summary>
    Off,
}

/// <summary>What computes the gradients of a training.</summary>
public enum EngineKind
{
    /// <summary>This project's own, without native dependency.</summary>
    Managed,

    /// <summary>TorchSharp, in builds with <c>-p:TorchSharp=cpu</c> or <c>=cuda</c>: for training large models.</summary>
    Torchsharp,
}

/// <summary>Settings of learning, per series group. Steps are steps of event time of the group.</summary>
public sealed record LearnOptions
{
    /// <summary>When training happens.</summary>
    public TrainingMode Training { get; init; } = TrainingMode.Background;

    /// <summary>What computes the gradients of <see cref="TrainingMode.Background"/>; synchronous training is the managed engine's always.</summary>
    public EngineKind Engine { get; init; } = EngineKind.Managed;

    /// <summary>Where <see cref="EngineKind.Torchsharp"/> computes: auto (the first GPU if there is one, else the CPU), cpu, cuda:0, cuda:1 …</summary>
    [RegularExpression("auto|cpu|cuda:[0-9]|cuda:[1-5][0-9]|cuda:6[0-3]", ErrorMessage = "auto, cpu, cuda:0 to cuda:63")]
    public string Device { get; init; } = "auto";

    /// <summary>The model that is trained.</summary>
    public ModelOptions Model { get; init; } = new();

    /// <summary>Closed steps before the first training (DESIGN 3).</summary>
    [Range(1, 1_000_000)]
    public int FirstAfterSteps { get; init; } = 60;

    /// <summary>Steps between the first training and the second. Each interval is twice the one before, up to
    /// <see cref="PeriodSteps"/>: a young model gains most from each new stretch of data.</summary>
    [Range(1, 1_000_000)]
    public int FirstIntervalSteps { get; init; } = 30;

    /// <summary>Steps between trainings once the group has settled: the training period. 720 is 12 minutes at 1 s, half a day at 1 min.</summary>
    [Range(1, 10_000_000)]
    public int PeriodSteps { get; init; } = 720;

    /// <summary>The period grows to this share of the group's age in steps: an old group learns little from one more hour, and drift
    /// is answered early at any age. 0: the period stays.</summary>
    [Range(0, 1)]
    public double PeriodGrowth { get; init; } = 0.15;

    /// <summary>The longest period, in steps.</summary>
    [Range(1, 10_000_000)]
    public int PeriodStepsMax { get; init; } = 10_080;

    /// <summary>Gradient steps of a training. Few: a challenger that starts from the champion forecasts what comes next better after
    /// 120 than after 480, which fit the last hour's noise.</summary>
    [Range(1, 1_000_000)]
    public int BudgetSteps { get; init; } = 120;

    /// <summary>Passes over the samples at most: a small buffer gets fewer gradient steps than the budget.</summary>
    [Range(1, 10_000)]
    public int EpochsMax { get; init; } = 60;

    /// <summary>Windows per gradient step.</summary>
    [Range(1, 4096)]
    public int BatchSize { get; init; } = 32;

    /// <summary>The top of the learning-rate schedule (warm-up, then cosine).</summary>
    [Range(1e-7, 1)]
    public double LearningRate { get; init; } = 1e-2;

    /// <summary>What a challenger must win by on the recent stratum, and may lose by on the reservoir, as a share of the loss.</summary>
    [Range(0, 1)]
    public double Margin { get; init; } = 0.01;

    /// <summary>Windows a stratum must have before it is judged on.</summary>
    [Range(1, 100_000)]
    public int JudgedWindowsMin { get; init; } = 16;

    /// <summary>Windows of a stratum that are judged at most; more are thinned evenly.</summary>
    [Range(16, 1_000_000)]
    public int JudgedWindowsMax { get; init; } = 1024;

    /// <summary>Samples of the recent stratum: a ring.</summary>
    [Range(16, 10_000_000)]
    public int RecentSamples { get; init; } = 4096;

    /// <summary>Samples of the long reservoir.</summary>
    [Range(16, 10_000_000)]
    public int ReservoirSamples { get; init; } = 2048;

    /// <summary>The reservoir's mean age once it is old, in training periods. A day at 1 min steps and the default period is two.</summary>
    [Range(1, 100_000)]
    public double ReservoirPeriods { get; init; } = 24;

    /// <summary>Samples a group offers per step, on average; larger groups are thinned.</summary>
    [Range(1, 100_000)]
    public int SamplesPerStep { get; init; } = 16;

    /// <summary>One block of time in this many is held back from training for ever, for the gate's reservoir stratum.</summary>
    [Range(2, 100)]
    public int HeldBackOneIn { get; init; } = 5;

    /// <summary>The share of a batch that is drawn from the reservoir, so that a challenger does not forget. At one half a challenger
    /// that learns a new level loses some percent on the old data, and the gate keeps it out.</summary>
    [Range(0, 1)]
    public double ReservoirShare { get; init; } = 0.7;

    /// <summary>The weight of a sample with an anomalous target step: down, never out, as a new level must be learned.</summary>
    [Range(0.001, 1)]
    public double AnomalyWeight { get; init; } = 0.2;

    /// <summary>Inputs and targets are clipped at ± this many scaled units. The lane clips what it feeds to the model likewise.</summary>
    [Range(1, 1e6)]
    public double Clip { get; init; } = 12;

    /// <summary>Page–Hinkley: the rise of the champion's relative loss that is ignored at each step.</summary>
    [Range(0, 10)]
    public double DriftTolerance { get; init; } = 0.25;

    /// <summary>Page–Hinkley: the accumulated rise, in mean losses, that counts as drift.</summary>
    [Range(0.1, 1e6)]
    public double DriftThreshold { get; init; } = 20;

    /// <summary>Steps between a drift alarm and the training it triggers: enough of the new behaviour to learn from.</summary>
    [Range(1, 1_000_000)]
    public int DriftDelaySteps { get; init; } = 60;

    /// <summary>Steps between a training's trigger and the champion's activation in <see cref="TrainingMode.Synchronous"/>.</summary>
    [Range(1, 1_000_000)]
    public int ActivationDelaySteps { get; init; } = 5;

    /// <summary>The share of one core that training may use, by its CPU time.</summary>
    [Range(0.01, 1)]
    public double DutyCycle { get; init; } = 0.25;

    /// <summary>Samples that wait for the trainer at most, per group; beyond it the oldest is dropped and counted.</summary>
    [Range(16, 1_000_000)]
    public int InboxSamples { get; init; } = 1024;

    /// <summary>Versions of a group's model that the store keeps.</summary>
    [Range(1, 10_000)]
    public int VersionsKept { get; init; } = 16;
}
