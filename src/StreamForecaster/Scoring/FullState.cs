namespace StreamForecaster.Scoring;

/// <summary>
/// The further evidence of the full profile: changes of variance, values that stop changing, densities of the hours instead of the
/// lean profile's means, and the kinds that rest after an alarm. All zero at first.
/// </summary>
struct FullState
{
    const double Rate = 0.05;       // twenty steps tell the size of the changes
    const double Smallest = 1e-12;  // so that the logarithm of no change exists

    internal HourlyNovelty Hours;
    internal RestingKinds Resting;

    double _last;
    double _change;                 // mean absolute change
    BlockTail _volatilityTail;
    SustainedNovelty _volatility;
    FlatRun _flat;

    /// <summary>Takes the <paramref name="steps"/>-th value in; the evidence before it was learned.</summary>
    internal ExtraEvidence Observe(double value, uint steps, float blocks, in NoveltyStep step)
    {
        _last = steps == 0 ? value : _last;
        var change = Math.Abs(value - _last);
        var novelty = _volatility.Observe(Math.Log(_change + Smallest), step);
        var extra = new ExtraEvidence(
            _volatilityTail.Count(novelty, blocks),
            _volatilityTail.CalibratedRarity(novelty, blocks, AnomalyScorer.NoveltyShare),
            _flat.Observe(value.Equals(_last), steps));
        _change += Math.Max(Rate, 1.0 / (steps + 1)) * (change - _change);
        _last = value;
        _volatilityTail.Observe(novelty);
        if ((steps + 1) % BlockTail.BlockSteps == 0)
        {
            _volatilityTail.EndBlock(BlockTail.Unit, Decades.Even(steps / BlockTail.BlockSteps));
        }

        return extra;
    }
}

/// <summary>The full profile's further evidence.</summary>
/// <param name="VolatilityCount">The blocks with at least so unusual changes (<see cref="BlockTail.Count"/>).</param>
/// <param name="Volatility">Calibrated rarity of the changes' size, in decades.</param>
/// <param name="FlatLine">Rarity of the run of equal values, in decades.</param>
readonly record struct ExtraEvidence(float VolatilityCount, float Volatility, float FlatLine)
{
    /// <summary>What the lean profile has of it.</summary>
    internal static ExtraEvidence None => new(float.MaxValue, 0, 0);
}
