using System.Diagnostics.Metrics;
using StreamForecaster.Worker.Live;

namespace StreamForecaster.Worker.Telemetry;

/// <summary>The pipeline's figures, those that the page shows too, as instruments: read when somebody asks.</summary>
public sealed class PipelineMetrics : IDisposable
{
    /// <summary>The meter that all of ours are made on.</summary>
    public const string MeterName = "StreamForecaster";

    /// <summary>The meters worth exporting: ours, and the runtime's own.</summary>
    internal static readonly string[] Meters = [MeterName, "System.Runtime"];

    // One scrape asks every instrument: it shall see one moment.
    static readonly TimeSpan OneMoment = TimeSpan.FromMilliseconds(500);

    readonly Meter _meter = new(MeterName);
    readonly ILiveFeed _feed;
    readonly TimeProvider _clock;
    readonly Lock _gate = new();
    PipelineHealth? _health;
    long _readAt;

    /// <summary>Makes the instruments.</summary>
    public PipelineMetrics(ILiveFeed feed, TimeProvider clock)
    {
        (_feed, _clock) = (feed, clock);
        Count("records", "Records taken from the input.", health => health.Records);
        Count("points", "Points decoded and accepted.", health => health.Points);
        Count("forecasts", "Forecasts made.", health => health.Forecasts);
        Count("anomalies", "Steps marked as anomalous.", health => health.Anomalies);
        Count("dead_letters", "Records and points set aside.", health => health.DeadLetters);
        Count("late_points", "Points whose step was closed already.", health => health.Late);
        Count("duplicate_points", "Points that came twice.", health => health.Counts.Duplicates);
        Count("excluded_points", "Points of excluded series.", health => health.Counts.Excluded);
        Count("filled_steps", "Steps filled for want of points.", health => health.Counts.Filled);
        Count("wild_steps", "Steps whose value was too far out to be learned from.", health => health.Counts.Wild);
        Count("series_refused", "New series refused at the limit.", health => health.Counts.Refused);
        Count("series_dropped", "New series that gave way before their second step.", health => health.Counts.Dropped);
        Count("series_evicted", "Stale series that made room.", health => health.Counts.Evicted);
        Count("cohorts_refused", "Series that stay alone because there was no room for their cohort.", health => health.CohortsRefused);
        Gauge("cohorts", "Cohorts of series that are scored together.", health => [new(health.Cohorts)]);
        Count("series_not_keyed", "Series that two partitions of this process have.", health => health.Counts.NotKeyed);
        Gauge("series", "Series known.", health => [new(health.Series)]);
        Gauge("series_ready", "Series past their warm-up.", health => [new(health.Ready)]);
        Gauge("lag", "Records not yet read.", health => [new(health.Lag)]);
        Gauge("lane_lag", "Records not yet read, by lane.", health => health.Lanes.Select(lane => new Measurement<double>(lane.Lag, Tag("lane", lane.Lane))));
        Gauge("lane_position", "The next offset, by lane.", health => health.Lanes.Select(lane => new Measurement<double>(lane.Position, Tag("lane", lane.Lane))));
        Gauge("lane_running", "1 while a lane runs, 0 while it recovers or is paused.", health => health.Lanes.Select(lane => new Measurement<double>(lane.State is "running" ? 1 : 0, Tag("lane", lane.Lane))));
        Gauge("lane_owned", "1 for each partition that this process owns.", health => health.Lanes.Select(lane => new Measurement<double>(1, Tag("lane", lane.Lane))));
        Gauge("lane_recovery_left", "Records to read again until results are published, by lane.", health => health.Lanes.Select(lane => new Measurement<double>(lane.RecoveryLeft, Tag("lane", lane.Lane))));
        Gauge("sink_up", "1 while a sink takes what it is given.", health => health.Sinks.Select(sink => new Measurement<double>(sink.Healthy ? 1 : 0, Tag("sink", sink.Name))));
        _meter.CreateObservableCounter("streamforecaster.sink_lines", () => Health().Sinks.Select(sink => new Measurement<long>(sink.Lines, Tag("sink", sink.Name))), null, "Lines a sink has acknowledged.");
        _meter.CreateObservableCounter("streamforecaster.trainings", () => Health().Groups.Select(group => new Measurement<long>(group.Trainings, Tag("group", group.Group))), null, "Challengers trained.");
        Gauge("model_version", "The version of the model that answers; 0 for none.", health => health.Groups.Select(group => new Measurement<double>(group.Version, Tag("group", group.Group))));
        Gauge("training_cpu_share", "The share of one core that training has used over the last five minutes.", health => health.TrainingCpuShare is { } share ? [new(share)] : []);
        Gauge("training_loss", "The last training's last loss.", health => health.Groups.Where(group => group.LastLoss is not null).Select(group => new Measurement<double>(group.LastLoss!.Value, Tag("group", group.Group))));
        Gauge("champion_loss", "The champion's loss at the last verdict.", health => health.Groups.Where(group => group.ChampionLoss is not null).Select(group => new Measurement<double>(group.ChampionLoss!.Value, Tag("group", group.Group))));
        Gauge("challenger_loss", "The challenger's loss at the last verdict.", health => health.Groups.Where(group => group.ChallengerLoss is not null).Select(group => new Measurement<double>(group.ChallengerLoss!.Value, Tag("group", group.Group))));
        Bands("band_coverage", "The share of values that the bands held lately, one step ahead.", bands => bands.Coverage);
        Bands("band_width", "The bands' mean width lately, in the series' scales.", bands => bands.Width);
        Bands("band_interval_score", "The bands' mean interval score lately, in the series' scales.", bands => bands.IntervalScore);
    }

    void Bands(string name, string help, Func<BandFigures, double> read) => Gauge(
        name, help, health => health.Groups.Where(group => group.Bands is not null).Select(group => new Measurement<double>(read(group.Bands!), Tag("group", group.Group))));

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    void Count(string name, string help, Func<PipelineHealth, long> read) =>
        _meter.CreateObservableCounter($"streamforecaster.{name}", () => read(Health()), null, help);

    void Gauge(string name, string help, Func<PipelineHealth, IEnumerable<Measurement<double>>> read) =>
        _meter.CreateObservableGauge($"streamforecaster.{name}", () => read(Health()), null, help);

    static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);

    PipelineHealth Health()
    {
        lock (_gate)
        {
            if (_health is null || _clock.GetElapsedTime(_readAt) > OneMoment)
            {
                (_health, _readAt) = (_feed.Health(), _clock.GetTimestamp());
            }

            return _health;
        }
    }
}
