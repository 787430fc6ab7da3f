namespace StreamForecaster.Scoring;

/// <summary>How much more novel a feature has been lately than it is in the long run.</summary>
struct SustainedNovelty
{
    const float Floor = 0.01f; // below it, nothing: a constant series never alarms

    Density _density;
    float _mean60;
    float _mean120;
    float _mean200;
    float _mean3000;

    /// <summary>
    /// The mean over windows of 60, 120 and 200 steps of (recent novelty, with this step) − (novelty over 3,000 steps,
    /// without it); then takes the value in. 0 for the first <paramref name="blind"/> of <paramref name="steps"/> steps.
    /// </summary>
    internal float Observe(double value, uint steps, uint blind, float dither)
    {
        var novelty = steps < blind ? 0 : _density.Novelty(value);
        _density.Observe(value, dither);
        var least = 1f / (steps + 1);
        _mean60 += Math.Max(1 / 60f, least) * (novelty - _mean60);
        _mean120 += Math.Max(1 / 120f, least) * (novelty - _mean120);
        _mean200 += Math.Max(1 / 200f, least) * (novelty - _mean200);
        var excess = ((_mean60 + _mean120 + _mean200) / 3) - _mean3000;
        _mean3000 += Math.Max(1 / 3000f, least) * (novelty - _mean3000);
        return excess < Floor ? 0 : excess;
    }
}
