namespace StreamForecaster.Worker.Lanes;

/// <summary>What a lane has seen and done. Written by the lane's thread alone; read by any, each figure for itself.</summary>
sealed class LaneCounters
{
    /// <summary>Records taken.</summary>
    public long Records;

    /// <summary>Points put into steps.</summary>
    public long Points;

    /// <summary>Points whose step was closed.</summary>
    public long Late;

    /// <summary>Points that came twice.</summary>
    public long Duplicates;

    /// <summary>Points of excluded series.</summary>
    public long Excluded;

    /// <summary>Dead letters.</summary>
    public long DeadLetters;

    /// <summary>Closed steps.</summary>
    public long Steps;

    /// <summary>Steps filled for want of points.</summary>
    public long Filled;

    /// <summary>Steps whose value was too far out to be learned from.</summary>
    public long Wild;

    /// <summary>Forecasts made, one a step.</summary>
    public long Forecasts;

    /// <summary>Forecasts in which a trained model took part.</summary>
    public long ModelForecasts;

    /// <summary>Steps marked anomalous.</summary>
    public long Anomalies;

    /// <summary>New series refused at the limit.</summary>
    public long Refused;

    /// <summary>Series that fell out of probation.</summary>
    public long ProbationDropped;

    /// <summary>Series that another lane of this process has too.</summary>
    public long NotKeyed;

    /// <summary>The first of them and the other lane, in words; null while there is none.</summary>
    public string? NotKeyedFirst;

    /// <summary>Which tag a flood of new series is made of, in words; null while none came.</summary>
    public string? Flood;

    /// <summary>Stale series that made room.</summary>
    public long Evicted;

    /// <summary>Series with state or on probation.</summary>
    public long Series;

    /// <summary>Series that are ready, at the last look at all of them.</summary>
    public long Ready;

    /// <summary>Cohorts of series that are scored together.</summary>
    public long Cohorts;

    /// <summary>Series that stay alone because there was no room for their cohort.</summary>
    public long CohortsRefused;

    /// <summary>Result lines handed to the sinks.</summary>
    public long Lines;

    /// <summary>Bytes allocated from decoding to the hand-off.</summary>
    public long AllocatedBytes;

    /// <summary>Windows encoded anew.</summary>
    public long Encodings;
}
