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
    const int CountedMarks = 4;      // of one alarm; more say nothing about how often alarms start
    const float LaterMark = 0.4f;    // so that neither alarms nor marks are far from the rate, whichever one counts

    float _shift;
    int _quiet; // steps without a mark that can still belong to the last alarm
    int _marks; // of this alarm

    /// <summary>Whether a mark was seen within the merge gap.</summary>
    internal readonly bool IsAlarming => _quiet > 0;

    /// <summary>Decades above (or, negative, below) the threshold, for an expected number of alarms a step.</summary>
    internal readonly float Excess(float rarity, float alarmsPerStep) =>
        rarity + Decades.Log10(alarmsPerStep) - _shift;

    /// <summary>Learns whether this step was marked; marks at most <paramref name="mergeGap"/> steps apart are one alarm.</summary>
    internal void Observe(bool marked, float alarmsPerStep, int mergeGap)
    {
        _marks = !marked ? (_quiet == 0 ? 0 : _marks) : _quiet == 0 ? 1 : Math.Min(_marks + 1, CountedMarks + 1);
        _quiet = marked ? mergeGap : Math.Max(0, _quiet - 1);
        var counted = !marked || _marks > CountedMarks ? 0 : _marks == 1 ? 1 : LaterMark;

        // A long alarm must not bring the threshold down: it would never end.
        var expected = _marks > CountedMarks ? 0 : alarmsPerStep;
        _shift = Math.Clamp(_shift + (Gain * (counted - expected)), Lowest, Highest);
    }
}
