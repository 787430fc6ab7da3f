namespace StreamForecaster.Learning;

/// <summary>Collects, series by series, the losses of two forecasters on the same windows.</summary>
sealed class PairedLosses
{
    readonly List<double> _ratios = [];
    double _sum;
    double _sumOfSquares;
    int _blocks;

    /// <summary>Adds a series.</summary>
    /// <param name="own"><c>[window]</c>, in the order of time.</param>
    /// <param name="theirs"><c>[window]</c>.</param>
    /// <param name="infos"><c>[window]</c>: times and weights.</param>
    /// <param name="floor">Added to both means: two near-exact forecasters are equal.</param>
    public void Add(ReadOnlySpan<double> own, ReadOnlySpan<double> theirs, ReadOnlySpan<SampleInfo> infos, double floor)
    {
        double ownMean = WeightedMean(own, infos);
        double theirMean = WeightedMean(theirs, infos) + floor;
        _ratios.Add((ownMean + floor) / theirMean);
        for (int from = 0, to; from < infos.Length; from = to)
        {
            // Targets that overlap share their noise: they are one observation.
            to = from;
            double difference = 0;
            while (to < infos.Length && infos[to].KnownNs - infos[from].OriginNs < 2 * (infos[from].KnownNs - infos[from].OriginNs))
            {
                difference += own[to] - theirs[to];
                to++;
            }

            difference /= (to - from) * theirMean;
            _sum += difference;
            _sumOfSquares += difference * difference;
            _blocks++;
        }
    }

    /// <summary>The comparison over all series that were added.</summary>
    public Comparison Result()
    {
        if (_ratios.Count == 0)
        {
            return new(1, 1);
        }

        _ratios.Sort();
        int middle = _ratios.Count / 2;
        double median = _ratios.Count % 2 == 1 ? _ratios[middle] : 0.5 * (_ratios[middle - 1] + _ratios[middle]);
        if (_blocks < 2)
        {
            return new(median, 1);
        }

        double mean = _sum / _blocks;
        double variance = Math.Max(_sumOfSquares - (_blocks * mean * mean), 0) / (_blocks - 1);
        return new(median, Math.Sqrt(variance / _blocks));
    }

    /// <summary>Mean of losses by the samples' weights.</summary>
    public static double WeightedMean(ReadOnlySpan<double> losses, ReadOnlySpan<SampleInfo> infos)
    {
        double sum = 0, weights = 0;
        for (int i = 0; i < losses.Length; i++)
        {
            sum += infos[i].Weight * losses[i];
            weights += infos[i].Weight;
        }

        return sum / weights;
    }
}
