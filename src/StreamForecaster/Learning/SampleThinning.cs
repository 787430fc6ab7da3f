namespace StreamForecaster.Learning;

/// <summary>Which series of a large group offer a sample at a step, so that a group offers a bounded number however many series it
/// has. A pure function of (series, step): a replay offers the same samples.</summary>
public static class SampleThinning
{
    /// <summary>True where the series should offer its sample.</summary>
    /// <param name="series">Hash of the series key.</param>
    /// <param name="knownNs">The sample's <see cref="SampleInfo.KnownNs"/>.</param>
    /// <param name="seriesInGroup">Series of the group in this lane.</param>
    /// <param name="perStep">Samples wanted per step of the group, on average.</param>
    public static bool Keep(ulong series, long knownNs, int seriesInGroup, int perStep) =>
        seriesInGroup <= perStep
        || SampleHash.Unit(SampleHash.Mix(series, (ulong)knownNs)) * seriesInGroup < perStep;
}
