namespace StreamForecaster.Worker.Live;

/// <summary>What the page asks of the running pipeline. Answers are made on the lanes' own threads between two batches.</summary>
public interface ILiveFeed
{
    /// <summary>The series sorted by anomaly score, highest first, then by name.</summary>
    Task<IReadOnlyList<SeriesSummary>> ListAsync(string? filter, int limit, CancellationToken stop);

    /// <summary>One series with its recent values and its bands ahead; null where it is not known.</summary>
    Task<SeriesDetail?> ShowAsync(string series, CancellationToken stop);

    /// <summary>The pipeline's figures at this moment.</summary>
    PipelineHealth Health();
}

/// <summary>A row of the page's list. <paramref name="Sparkline"/>: up to 32 recent values, oldest first, null for a gap.</summary>
public sealed record SeriesSummary(
    string Series, string Group, string Status, double Score, bool IsAnomaly, double? Value, double? Forecast,
    string Expert, IReadOnlyList<double?> Sparkline);

/// <summary>A chosen series. Times are Unix seconds at the start of a step.</summary>
public sealed record SeriesDetail(
    string Series, string Group, string Status, double StepSeconds,
    IReadOnlyList<double> Times, IReadOnlyList<double?> Values, IReadOnlyList<double> Scores, IReadOnlyList<bool> Anomalies,
    IReadOnlyList<HorizonForecast> Ahead, string Model, string Expert,
    IReadOnlyList<double> Attention);

/// <summary>The forecast for one step ahead.</summary>
public sealed record HorizonForecast(int Horizon, double Time, double Yhat, double Lower, double Upper);

/// <summary>The pipeline's health. Rates are per second over the last few seconds.</summary>
public sealed record PipelineHealth(
    long Records, long Points, double PointsPerSecond, long Series, long Ready, long Lag, long Forecasts, long Anomalies,
    long DeadLetters, long Late, IReadOnlyList<LaneHealth> Lanes, IReadOnlyList<SinkHealth> Sinks,
    IReadOnlyList<GroupHealth> Groups)
{
    /// <summary>What was left out or filled in.</summary>
    public PointCounts Counts { get; init; } = new(0, 0, 0, 0, 0, 0, 0, 0);

    /// <summary>Cohorts of series that are scored together.</summary>
    public long Cohorts { get; init; }

    /// <summary>Series that stay alone because there was no room for their cohort.</summary>
    public long CohortsRefused { get; init; }

    /// <summary>The share of one core that training has used over the last five minutes; null where it has no thread of its own.</summary>
    public double? TrainingCpuShare { get; init; }

    /// <summary>Of which tag a flood of new series is made, a line for each lane that had one.</summary>
    public IReadOnlyList<string> Floods { get; init; } = [];

    /// <summary>Series that come from two partitions, a line for each lane that has some.</summary>
    public IReadOnlyList<string> NotKeyed { get; init; } = [];
}

/// <summary>Points and series that were left out or filled in. <paramref name="Refused"/>: new series beyond the limit;
/// <paramref name="Dropped"/>: new series that gave way before their second step; <paramref name="Evicted"/>: stale series that made room;
/// <paramref name="NotKeyed"/>: series that two partitions of this process have.</summary>
public sealed record PointCounts(long Duplicates, long Excluded, long Filled, long Wild, long Refused, long Dropped, long Evicted, long NotKeyed);

/// <summary>One lane, of a partition that this process owns. <paramref name="State"/>: recovering, running, paused. <paramref name="RecoveryLeft"/>: records to read
/// again until results are published.</summary>
public sealed record LaneHealth(string Lane, string State, long Position, long Lag, double LaneTime, long RecoveryLeft = 0);

/// <summary>One sink.</summary>
public sealed record SinkHealth(string Name, bool Healthy, string? Trouble, long Lines);

/// <summary>One series group's learning. <paramref name="Verdict"/>: the gate's last verdict in words, with both losses.</summary>
public sealed record GroupHealth(
    string Group, int Series, string Model, long Version, int Trainings, double? LastLoss, string? Verdict,
    double? ChampionLoss, double? ChallengerLoss, IReadOnlyList<double> Losses)
{
    /// <summary>How its bands have done lately, one step ahead; null before the first.</summary>
    public BandFigures? Bands { get; init; }
}

/// <summary>How a group's bands have done lately, one step ahead.</summary>
/// <param name="Coverage">The share of values inside, 0 to 1.</param>
/// <param name="Width">Mean width, in the series' scales.</param>
/// <param name="IntervalScore">Mean interval score, in the series' scales.</param>
public sealed record BandFigures(double Coverage, double Width, double IntervalScore);
