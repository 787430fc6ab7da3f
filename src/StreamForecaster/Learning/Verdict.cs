namespace StreamForecaster.Learning;

/// <summary>The gate's decision on a challenger.</summary>
/// <param name="Passed">True where the challenger takes the champion's place.</param>
/// <param name="Reason">The decision in words, with the losses.</param>
/// <param name="Recent">The recent stratum.</param>
/// <param name="Reservoir">The reservoir stratum; null before there is a past.</param>
public sealed record Verdict(bool Passed, string Reason, StratumLosses Recent, StratumLosses? Reservoir);
