namespace StreamForecaster.Forecasting;

/// <summary>What a band is made from.</summary>
readonly ref struct BandBasis
{
    public required int Horizon { get; init; }

    /// <summary>The horizon's.</summary>
    public required int Group { get; init; }

    /// <summary>The target's place in the season, in [0, 1); negative: no season.</summary>
    public required float Phase { get; init; }

    /// <summary>The mixture's, as all below a change from the origin's value.</summary>
    public required float Forecast { get; init; }

    /// <summary>Their forecasts.</summary>
    public required ReadOnlySpan<float> Experts { get; init; }

    /// <summary>The guesses of the forecast's error's scale (full): written with the band, read when its target has arrived.</summary>
    public required Span<float> Scales { get; init; }
}
