namespace StreamForecaster.Scoring;

/// <summary>
/// The rarity from which a step is anomalous. It starts at the rarity that the configured rate implies and follows the
/// series' own alarms: up at the start of each, down a little at every step, so that in the long run alarms start at
/// the configured rate whatever the evidence's distribution (quantile tracking, Gibbs and Candès 2021).
/// </summary>
struct AlarmThreshold
{
    const float Gain = 0.15f;   // decades an alarm: slow enough not to swing, fast enough for tens of alarms
    const float Lowest = -1f;
    const float Highest = 3f;

    float _shift;
    int _quiet; // steps without a mark that can still belong to the last alarm

    /// <summary>Whether a mark was seen within the merge gap.</summary>
    internal readonly bool IsAlarming => _quiet > 0;

    /// <summary>Decades above (or, negative, below) the threshold, for an expected number of alarms a step.</summary>
    internal readonly float Excess(float rarity, float alarmsPerStep) =>
        rarity + MathF.Log10(alarmsPerStep) - _shift;

    /// <summary>Learns whether this step was marked; marks at most <paramref name="mergeGap"/> steps apart are one alarm.</summary>
    internal void Observe(bool marked, float alarmsPerStep, int mergeGap)
    {
        var starts = marked && _quiet == 0;
        _quiet = marked ? mergeGap : Math.Max(0, _quiet - 1);
        _shift = Math.Clamp(_shift + (Gain * ((starts ? 1 : 0) - alarmsPerStep)), Lowest, Highest);
    }
}
