namespace StreamForecaster.Scoring;

/// <summary>How much more novel a series has been lately than it is in the long run.</summary>
struct NoveltyMeans
{
    const float Floor = 0.01f; // below it, nothing: a constant series never alarms

    float _mean60;
    float _mean120;
    float _mean200;
    float _mean3000;

    /// <summary>
    /// The mean over windows of 60, 120 and 200 steps of (recent novelty, with this step) − (novelty over 3,000 steps,
    /// without it).
    /// </summary>
    internal float Observe(float novelty, in NoveltyStep step)
    {
        _mean60 += Math.Max(1 / 60f, step.Least) * (novelty - _mean60);
        _mean120 += Math.Max(1 / 120f, step.Least) * (novelty - _mean120);
        _mean200 += Math.Max(1 / 200f, step.Least) * (novelty - _mean200);
        var excess = ((_mean60 + _mean120 + _mean200) / 3) - _mean3000;
        _mean3000 += Math.Max(1 / 3000f, step.Least) * (novelty - _mean3000);
        return excess < Floor ? 0 : excess;
    }
}
