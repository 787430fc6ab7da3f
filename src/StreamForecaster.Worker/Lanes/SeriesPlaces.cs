namespace StreamForecaster.Worker.Lanes;

/// <summary>Which lane of this process has which series. It is there for a warning: what lanes are open together is chance, and no result depends on it.</summary>
/// <param name="onTwice">Told of the first series of a lane that another lane has: the lane, the series, the other lane.</param>
sealed class SeriesPlaces(Action<Lane, Series, Lane> onTwice)
{
    readonly Lock _gate = new();
    readonly Dictionary<ulong, Lane> _lanes = [];

    /// <summary>A series is a lane's; counted where another lane has it.</summary>
    public void Take(Series series, Lane lane)
    {
        Lane? other;
        lock (_gate)
        {
            if (_lanes.TryAdd(series.Hash, lane))
            {
                return;
            }

            other = _lanes[series.Hash];
        }

        if (other != lane && lane.Counters.NotKeyed++ == 0)
        {
            onTwice(lane, series, other);
        }
    }

    /// <summary>A lane has a series no longer.</summary>
    public void Leave(Series series, Lane lane)
    {
        lock (_gate)
        {
            if (_lanes.GetValueOrDefault(series.Hash) == lane)
            {
                _lanes.Remove(series.Hash);
            }
        }
    }
}
