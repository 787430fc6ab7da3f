namespace StreamForecaster.Forecasting;

/// <summary>Neighbouring horizons that share one set of weights: {1} {2} {3–4} {5–7} {8–12} {13–24} {25–48}, then doubling.</summary>
sealed class HorizonGroups
{
    readonly int[] _firstHorizon;

    public HorizonGroups(int horizons)
    {
        var first = new List<int> { 1, 2, 3, 5, 8, 13, 25 };
        while (first[^1] <= horizons)
        {
            first.Add(((first[^1] - 1) * 2) + 1);
        }

        first.RemoveAll(horizon => horizon > horizons);
        _firstHorizon = [.. first, horizons + 1];
        Horizons = horizons;
    }

    public int Horizons { get; }

    public int Count => _firstHorizon.Length - 1;

    /// <summary>The groups of which no horizon is longer than this.</summary>
    public int Within(int horizon) => Enumerable.Range(0, Count).Count(group => First(group + 1) - 1 <= horizon);

    /// <summary>The first horizon (1-based) of a group; of the group past the last, one more than the longest horizon.</summary>
    public int First(int group) => _firstHorizon[group];
}
