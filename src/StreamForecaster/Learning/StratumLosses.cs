namespace StreamForecaster.Learning;

/// <summary>What the gate knows of one stratum. Losses are means over the series that moved.</summary>
/// <param name="Windows">Judged windows.</param>
/// <param name="Series">Series that moved in them.</param>
/// <param name="Challenger">The challenger's pinball loss, scaled units.</param>
/// <param name="Champion">The champion's; that of the last value where there is no champion.</param>
/// <param name="LastValue">The pinball loss of the last value.</param>
/// <param name="AgainstChampion">Pinball loss against the champion's.</param>
/// <param name="AgainstLastValue">Absolute error of the median against the last value's.</param>
/// <param name="AgainstAnchor">Pinball loss against the anchor's.</param>
public readonly record struct StratumLosses(
    int Windows, int Series, double Challenger, double Champion, double LastValue,
    Comparison AgainstChampion, Comparison AgainstLastValue, Comparison AgainstAnchor)
{
    /// <summary>The ages of a stratum as one: losses are their means, comparisons the worst of them.</summary>
    internal static StratumLosses Join(IReadOnlyList<StratumLosses> ages) => new(
        ages.Sum(age => age.Windows), ages.Max(age => age.Series),
        ages.Average(age => age.Challenger), ages.Average(age => age.Champion), ages.Average(age => age.LastValue),
        ages.Select(age => age.AgainstChampion).MaxBy(c => c.Ratio),
        ages.Select(age => age.AgainstLastValue).MaxBy(c => c.Ratio),
        ages.Select(age => age.AgainstAnchor).MaxBy(c => c.Ratio));
}
