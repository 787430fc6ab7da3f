using StreamForecaster.Worker.Lanes;

namespace StreamForecaster.Worker.Live;

/// <summary>The sums of all lanes' counters, of those that are open and of those that were.</summary>
sealed class PipelineTotals
{
    public long Records;
    public long Points;
    public long Series;
    public long Ready;
    public long Lag;
    public long Forecasts;
    public long Anomalies;
    public long DeadLetters;
    public long Late;
    public long Cohorts;
    public long CohortsRefused;

    /// <summary>What was left out or filled in.</summary>
    public PointCounts Counts { get; private set; } = new(0, 0, 0, 0, 0, 0, 0, 0);

    /// <summary>Adds a lane's; a closed lane has no series any more.</summary>
    public void Add(LaneCounters lane, bool isOpen)
    {
        Records += lane.Records;
        Points += lane.Points;
        Series += isOpen ? lane.Series : 0;
        Ready += isOpen ? lane.Ready : 0;
        Forecasts += lane.Forecasts;
        Anomalies += lane.Anomalies;
        DeadLetters += lane.DeadLetters;
        Late += lane.Late;
        Cohorts += isOpen ? lane.Cohorts : 0;
        CohortsRefused += lane.CohortsRefused;
        Counts = new(
            Counts.Duplicates + lane.Duplicates, Counts.Excluded + lane.Excluded, Counts.Filled + lane.Filled, Counts.Wild + lane.Wild, Counts.Refused + lane.Refused,
            Counts.Dropped + lane.ProbationDropped, Counts.Evicted + lane.Evicted, Counts.NotKeyed + lane.NotKeyed);
    }
}
