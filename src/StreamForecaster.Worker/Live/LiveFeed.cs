using System.Globalization;
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
        PipelineTotals totals = new();
        foreach (LaneHost host in lanes.Hosts.OrderBy(static h => h.Lane.Id.Topic, StringComparer.Ordinal).ThenBy(static h => h.Lane.Id.Partition))
        {
            long lag = lagOf(host.Lane.Id) ?? 0;
            laneHealth.Add(new(host.Lane.Id.ToString(), host.State, host.Lane.Position, lag, Math.Max(0, host.Lane.LaneTime / 1e9), host.RecoveryLeft));
            totals.Add(host.Lane.Counters, isOpen: true);
            totals.Lag += lag;
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

        foreach (LaneCounters closed in lanes.Closed)
        {
            totals.Add(closed, isOpen: false);
        }

        return new(
            totals.Records, totals.Points, _pointRate.PerSecond(totals.Points), totals.Series, totals.Ready, totals.Lag, totals.Forecasts, totals.Anomalies,
            totals.DeadLetters, totals.Late, laneHealth,
            [.. sinks.Select(static sink => new SinkHealth(sink.Name, sink.Healthy, sink.Trouble, sink.LinesWritten))],
            [.. training.Statuses.Select(status => Group(status, seriesOf.GetValueOrDefault(status.Group), modelOf.GetValueOrDefault(status.Group, "none"), BandTally.Of(bandsOf.GetValueOrDefault(status.Group, []))))])
        {
            Counts = totals.Counts,
            TrainingCpuShare = training.CpuShare,
            Cohorts = totals.Cohorts,
            CohortsRefused = totals.CohortsRefused,
            Floods = [.. lanes.Hosts.Where(static host => host.Lane.Counters.Flood is not null).Select(static host => $"{host.Lane.Id}: {host.Lane.Counters.Flood}")],
            NotKeyed = [.. lanes.Hosts.Where(static host => host.Lane.Counters.NotKeyedFirst is not null).Select(static host => NotKeyed(host.Lane))],
        };
    }

    static string NotKeyed(Lane lane) => string.Create(
        CultureInfo.InvariantCulture, $"{lane.Counters.NotKeyed} series of {lane.Id} come from another partition too: {lane.Counters.NotKeyedFirst}");

    static GroupHealth Group(LearningStatus status, int series, string model, BandFigures? bands) => new(
        status.Group, series, model, status.Version, status.Trainings, status.LiveLoss,
        status.Waiting ?? status.Last?.Reason, status.Last?.Recent.Champion, status.Last?.Recent.Challenger, status.Losses)
    {
        Bands = bands,
    };
}
