namespace StreamForecaster.Scoring;

/// <summary>
/// A run of equal values: how unusual its length is. If changes came independently a run of L would have probability
/// qᴸ, with q the share of steps without a change; of the run, what is beyond twice the longest known one counts.
/// </summary>
struct FlatRun
{
    const float Rate = 1 / 1000f;
    const float Forgetting = 1 / 3000f;
    const float MostlyFlat = 0.9f;    // such a series says nothing by not changing
    const float LeastShare = 0.02f;
    const int Accepted = 100;         // steps after which a longer run is the new usual
    const float Most = 10;            // decades

    float _changing;  // share of steps with a change
    float _longest;   // run known, slowly forgotten
    int _run;

    /// <summary>Takes a step in; decades of rarity of the run it belongs to, 0 for a change.</summary>
    internal float Observe(bool same, uint steps)
    {
        if (!same)
        {
            _longest = Math.Max(_longest, _run);
            _run = 0;
        }

        var decades = 0f;
        if (same)
        {
            _run = Math.Min(_run + 1, int.MaxValue - 1);
            var share = 1 - _changing;
            var beyond = _run - (2 * _longest);
            decades = share >= MostlyFlat || beyond <= 0
                ? 0
                : MathF.Min(Most, -beyond * Decades.Log10(MathF.Max(share, LeastShare)));
            _longest = beyond > Accepted ? _run : _longest;
        }

        // While a run goes on longer than any before, the share stays that of its beginning.
        if (_run <= _longest || _changing == 0)
        {
            _changing += Math.Max(Rate, 1f / (steps + 1)) * ((same ? 0 : 1) - _changing);
        }

        _longest *= 1 - Forgetting;
        return decades;
    }
}
