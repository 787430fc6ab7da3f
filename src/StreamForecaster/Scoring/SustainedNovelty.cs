namespace StreamForecaster.Scoring;

/// <summary>Rare values of a feature, for a longer time.</summary>
struct SustainedNovelty
{
    Density _density;
    NoveltyMeans _means;

    /// <summary>How much rarer the feature's values have been lately (<see cref="NoveltyMeans"/>), in decades; then takes the value in.</summary>
    internal float Observe(double value, in NoveltyStep step)
    {
        var novelty = step.IsBlind ? 0 : step.LogObservations - _density.LogCount(value, step.Clock);
        _density.Observe(value, step.Clock, step.Dither);
        if (step.HalvesCounts)
        {
            _density.Halve();
        }

        return _means.Observe(novelty, step);
    }
}
