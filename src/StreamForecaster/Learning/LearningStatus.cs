namespace StreamForecaster.Learning;

/// <summary>A series group's learning at one moment, for the page and the metrics.</summary>
/// <param name="Group">The group's name.</param>
/// <param name="Version">The champion's version; 0 while there is none.</param>
/// <param name="Trainings">Challengers judged.</param>
/// <param name="Promotions">Challengers that passed.</param>
/// <param name="Drifts">Drift alarms.</param>
/// <param name="Samples">Samples taken.</param>
/// <param name="Refused">Samples refused because they were not finite.</param>
/// <param name="IsTraining">True while a challenger is being trained.</param>
/// <param name="LiveLoss">The champion's (or the last value's) pinball loss on what came lately, scaled units; null before.</param>
/// <param name="Last">The last verdict.</param>
/// <param name="Losses">The last training's loss by gradient step, thinned to at most 64 values.</param>
/// <param name="Waiting">Why a training that is due does not begin, in words; null otherwise.</param>
public sealed record LearningStatus(
    string Group, long Version, int Trainings, int Promotions, long Drifts, long Samples, long Refused, bool IsTraining,
    double? LiveLoss, Verdict? Last, IReadOnlyList<double> Losses, string? Waiting);
