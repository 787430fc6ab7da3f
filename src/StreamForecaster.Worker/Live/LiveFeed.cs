using StreamForecaster.Learning;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Lanes;
using StreamForecaster.Worker.Publishing;
using StreamForecaster.Worker.Training;

namespace StreamForecaster.Worker.Live;

/// <summary>The page's view of the running pipeline.</summary>
sealed class LiveFeed(
    LaneScheduler lanes, ITraining training, IReadOnlyList<ISink> sinks, Func<LaneId, long?> lagOf, TimeProvider clock) : ILiveFeed
{
    readonly RateMeter _pointRate = new(clock);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SeriesSummary>> ListAsync(string? filter, int limit, CancellationToken stop)
    {
        IReadOnlyList<List<SeriesSummary>> answers = await lanes.AskAsync(lane => lane.List(filter, limit), stop);
        List<SeriesSummary> all = [.. answers.SelectMany(static list => list)];
        all.Sort(static (x, y) => Lane.ByScore((x.Score, x.Series), (y.Score, y.Series)));
        return all.Count > limit ? all.GetRange(0, limit) : all;
    }

    /// <inheritdoc/>
    public async Task<SeriesDetail?> ShowAsync(string series, CancellationToken stop)
    {
        IReadOnlyList<SeriesDetail?> answers = await lanes.AskAsync(lane => lane.Show(series), stop);
        return answers.FirstOrDefault(static answer => answer is not null);
    }

    /// <inheritdoc/>
    public PipelineHealth Health()
    {
        List<LaneHealth> laneHealth = [];
        Dictionary<string, int> seriesOf = new(StringComparer.Ordinal);
        Dictionary<string, string> modelOf = new(StringComparer.Ordinal);
        Dictionary<string, List<BandTally>> bandsOf = new(StringComparer.Ordinal);
        PipelineTotals totals = default;
        foreach (LaneHost host in lanes.Hosts.OrderBy(static h => h.Lane.Id.Topic, StringComparer.Ordinal).ThenBy(static h => h.Lane.Id.Partition))
        {
            long lag = lagOf(host.Lane.Id) ?? 0;
            laneHealth.Add(new(host.Lane.Id.ToString(), host.State, host.Lane.Position, lag, Math.Max(0, host.Lane.LaneTime / 1e9), host.RecoveryLeft));
            totals = totals.Plus(host.Lane.Counters) with { Lag = totals.Lag + lag };
            foreach (LaneGroup group in host.Lane.Groups)
            {
                seriesOf[group.Name] = seriesOf.GetValueOrDefault(group.Name) + group.SeriesCount;
                if (!bandsOf.TryGetValue(group.Name, out List<BandTally>? bands))
                {
                    bandsOf.Add(group.Name, bands = []);
                }

                bands.Add(group.Bands);
                modelOf[group.Name] = group.Champion?.Name ?? modelOf.GetValueOrDefault(group.Name, "none");
            }
        }

        PipelineTotals all = totals;
        foreach (LaneCounters closed in lanes.Closed)
        {
            all = all.Plus(closed) with { Series = totals.Series, Ready = totals.Ready };
        }

        return new(
            all.Records, all.Points, _pointRate.PerSecond(all.Points), all.Series, all.Ready, all.Lag, all.Forecasts, all.Anomalies,
            all.DeadLetters, all.Late, laneHealth,
            [.. sinks.Select(static sink => new SinkHealth(sink.Name, sink.Healthy, sink.Trouble, sink.LinesWritten))],
            [.. training.Statuses.Select(status => Group(status, seriesOf.GetValueOrDefault(status.Group), modelOf.GetValueOrDefault(status.Group, "none"), BandTally.Of(bandsOf.GetValueOrDefault(status.Group, []))))])
        {
            Counts = Counts(),
            TrainingCpuShare = training.CpuShare,
            Cohorts = lanes.Hosts.Sum(static host => host.Lane.Counters.Cohorts),
            CohortsRefused = lanes.Hosts.Select(static host => host.Lane.Counters).Concat(lanes.Closed).Sum(static lane => lane.CohortsRefused),
            Floods = [.. lanes.Hosts.Where(static host => host.Lane.Counters.Flood is not null).Select(static host => $"{host.Lane.Id}: {host.Lane.Counters.Flood}")],
        };
    }

    PointCounts Counts()
    {
        PointCounts sum = new(0, 0, 0, 0, 0, 0);
        foreach (LaneCounters lane in lanes.Hosts.Select(static host => host.Lane.Counters).Concat(lanes.Closed))
        {
            sum = new(
                sum.Duplicates + lane.Duplicates, sum.Excluded + lane.Excluded, sum.Filled + lane.Filled, sum.Refused + lane.Refused,
                sum.Dropped + lane.ProbationDropped, sum.Evicted + lane.Evicted);
        }

        return sum;
    }

    static GroupHealth Group(LearningStatus status, int series, string model, BandFigures? bands) => new(
        status.Group, series, model, status.Version, status.Trainings, status.LiveLoss,
        status.Waiting ?? status.Last?.Reason, status.Last?.Recent.Champion, status.Last?.Recent.Challenger, status.Losses)
    {
        Bands = bands,
    };

    readonly record struct PipelineTotals(
        long Records, long Points, long Series, long Ready, long Lag, long Forecasts, long Anomalies, long DeadLetters, long Late)
    {
        public PipelineTotals Plus(LaneCounters lane) => new(
            Records + lane.Records, Points + lane.Points, Series + lane.Series, Ready + lane.Ready, Lag, Forecasts + lane.Forecasts,
            Anomalies + lane.Anomalies, DeadLetters + lane.DeadLetters, Late + lane.Late);
    }
}
