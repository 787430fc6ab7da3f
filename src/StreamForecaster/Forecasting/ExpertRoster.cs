using StreamForecaster.Grouping;

namespace StreamForecaster.Forecasting;

/// <summary>Which experts a profile runs, in the order of their weights: trends, seasonal ones, regressions, the model.</summary>
sealed class ExpertRoster
{
    readonly string[] _names;

    public ExpertRoster(SeriesProfile profile, string model)
    {
        var full = profile == SeriesProfile.Full;
        SeasonalCount = full ? 4 : 0;
        RegressionCount = full ? 4 : 1;
        string[] seasonal = ["seasonal_naive", "seasonal_change", "profile", "profile_change"];
        _names =
        [
            "last_value", "drift", "holt", "ewma_2", "ewma_8", "ewma_48",
            .. seasonal.AsSpan(0, SeasonalCount),
            .. Enumerable.Range(1, RegressionCount).Select(number => $"regression_{number}"),
            model,
        ];
        Padded = (_names.Length + 3) / 4 * 4;
    }

    public ReadOnlySpan<string> Names => _names;

    public int Count => _names.Length;

    /// <summary>The length of an expert vector: whole 128-bit vectors, the rest never weighs anything.</summary>
    public int Padded { get; }

    public int SeasonalCount { get; }

    public int RegressionCount { get; }

    public const int FirstSeasonal = TrendExperts.Count;

    public int FirstRegression => FirstSeasonal + SeasonalCount;

    public int Model => FirstRegression + RegressionCount;

    /// <summary>Experts whose forecasts are kept until their target arrives; the trends' follow from the origin's record.</summary>
    public int Stored => Count - FirstSeasonal;
}
