using System.ComponentModel.DataAnnotations;

namespace StreamForecaster.Models;

public enum OptimizerKind { AdamW, Adam, SgdMomentum, RmsProp }

public enum LossKind { Pinball, Huber, Squared, CrossEntropy }

public enum ScheduleKind { WarmUpCosine, Constant, ReduceOnPlateau }

/// <summary>How a model is trained. The defaults train the default spec in a few hundred steps; optimiser constants are PyTorch's.</summary>
public sealed record TrainingOptions
{
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.AdamW;

    /// <summary>Peak learning rate.</summary>
    [Range(1e-8, 10)]
    public double LearningRate { get; init; } = 3e-3;

    /// <summary>AdamW's decay per unit of learning rate; for the other optimisers a term of the gradient.</summary>
    [Range(0, 10)]
    public double WeightDecay { get; init; } = .01;

    [Range(0, .99999)]
    public double Beta1 { get; init; } = .9;

    [Range(0, .999999)]
    public double Beta2 { get; init; } = .999;

    [Range(1e-16, 1)]
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Of <see cref="OptimizerKind.SgdMomentum"/>.</summary>
    [Range(0, .99999)]
    public double Momentum { get; init; } = .9;

    /// <summary>Memory of <see cref="OptimizerKind.RmsProp"/>.</summary>
    [Range(0, .99999)]
    public double RmsDecay { get; init; } = .99;

    /// <summary>Largest norm of the whole gradient; 0 does not clip.</summary>
    [Range(0, 1e9)]
    public double ClipNorm { get; init; } = 1;

    public LossKind Loss { get; init; } = LossKind.Pinball;

    /// <summary>Where Huber's loss turns from square to line.</summary>
    [Range(1e-6, 1e6)]
    public double HuberDelta { get; init; } = 1;

    /// <summary>Share of Huber's loss of the median added to the pinball loss.</summary>
    [Range(0, 1e3)]
    public double HuberWeight { get; init; }

    public ScheduleKind Schedule { get; init; } = ScheduleKind.WarmUpCosine;

    [Range(0, 1e9)]
    public int WarmUpSteps { get; init; } = 20;

    /// <summary>Steps of the run: where the cosine ends.</summary>
    [Range(1, 1e9)]
    public int TotalSteps { get; init; } = 500;

    /// <summary>Share of the peak rate at the cosine's end.</summary>
    [Range(0, 1)]
    public double FinalShare { get; init; } = .05;

    /// <summary>Factor of <see cref="ScheduleKind.ReduceOnPlateau"/>.</summary>
    [Range(.01, .99)]
    public double PlateauFactor { get; init; } = .5;

    /// <summary>Validations without a new best before the rate is reduced.</summary>
    [Range(1, 1e6)]
    public int PlateauPatience { get; init; } = 5;

    /// <summary>Decay per step of the averaged weights; 0 keeps none.</summary>
    [Range(0, .999999)]
    public double AverageDecay { get; init; }

    /// <summary>Share of decoder steps that see the target, at the first step of the run; it falls evenly to the last.</summary>
    [Range(0, 1)]
    public double TeacherForcing { get; init; } = 1;

    /// <summary>The share at the last step of the run.</summary>
    [Range(0, 1)]
    public double TeacherForcingLast { get; init; }

    /// <summary>Parts that stay as they are: prefixes of tensor names, like "encoder".</summary>
    public IReadOnlyList<string> Frozen { get; init; } = [];

    /// <summary>Of dropout and teacher forcing.</summary>
    public int Seed { get; init; } = 1;
}
