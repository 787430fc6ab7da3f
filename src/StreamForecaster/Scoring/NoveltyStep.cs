namespace StreamForecaster.Scoring;

/// <summary>What the novelties of a step have in common.</summary>
/// <param name="Clock">The densities' clock before the step.</param>
/// <param name="LogObservations">log₁₀ of the observations that the densities remember, and one.</param>
/// <param name="Least">The least rate of a mean: one over the steps.</param>
/// <param name="Dither">In [0, 1): rounds counts.</param>
/// <param name="IsBlind">Too early to say anything.</param>
/// <param name="HalvesCounts">The densities' counts are to be halved after the step.</param>
readonly record struct NoveltyStep(
    DensityClock Clock, float LogObservations, float Least, float Dither, bool IsBlind, bool HalvesCounts)
{
    /// <summary>The <paramref name="steps"/>-th step; the clock goes on.</summary>
    internal static NoveltyStep Next(ref DensityClock clock, uint steps)
    {
        var before = clock;
        var halves = clock.Advance();
        return new NoveltyStep(
            before, Decades.Log10(before.Observations + 1), 1f / (steps + 1), Decades.Even(steps), steps < AnomalyScorer.Blind, halves);
    }
}
