namespace StreamForecaster.Scoring;

/// <summary>Steps without a measurement: how unusual the present run of them is.</summary>
struct MissingRun
{
    const float Rate = 1f / 1000;
    const float LeastShare = 0.02f; // three steps in a row, not one, are remarkable in a series that never missed any

    float _share;
    ushort _run;

    /// <summary>Takes a step in; decades of rarity of the run that it belongs to, 0 for a measured step.</summary>
    internal float Observe(bool missing)
    {
        var decades = 0f;
        if (missing)
        {
            _run = (ushort)Math.Min(_run + 1, 1000);
            decades = MathF.Min(10, -_run * Decades.Log10(Math.Clamp(_share, LeastShare, 0.9f)));
        }
        else
        {
            _run = 0;
        }

        _share += Rate * ((missing ? 1 : 0) - _share);
        return decades;
    }
}
