using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StreamForecaster.Learning;
using StreamForecaster.Worker.Configuration;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Ingestion.Repartition;
using StreamForecaster.Worker.Lanes;
using StreamForecaster.Worker.Live;
using StreamForecaster.Worker.Publishing;
using StreamForecaster.Worker.State;
using StreamForecaster.Worker.Telemetry;
using StreamForecaster.Worker.Training;

namespace StreamForecaster.Worker;

/// <summary>
/// The whole daemon, put together: source → lanes → sinks, the trainer beside them, the page on top. The services start in the order
/// trainer, page, ingestion, and stop in the reverse one: polling ends first, what was read is delivered, then the rest goes.
/// </summary>
sealed class Daemon : IAsyncDisposable
{
    readonly IHost _host;
    readonly ILoggerFactory _loggers;
    readonly Meter _meter = new(PipelineMetrics.MeterName);
    readonly IReadOnlyList<ISink> _sinks;
    readonly LaneScheduler _lanes;
    readonly IRecordSource _source;
    readonly LaneWatchdog _watchdog;
    readonly ModelTopicMirror? _mirror;
    readonly SampleTopicTraining? _samples;
    readonly List<IngestionService> _readings = [];
    readonly List<IDisposable> _others = [];

    /// <summary>Builds the daemon; only the sinks' and lanes' own tasks run yet.</summary>
    /// <param name="settings">The settings, valid.</param>
    /// <param name="makeSource">Makes the record source.</param>
    /// <param name="logs">Says where it logs.</param>
    /// <param name="cold">Start without the state that is there.</param>
    public Daemon(Settings settings, Func<ILoggerFactory, IRecordSource> makeSource, Action<ILoggingBuilder> logs, bool cold = false)
    {
        _loggers = LoggerFactory.Create(logs);
        TimeProvider clock = TimeProvider.System;
        _source = makeSource(_loggers);
        _sinks = Publishing.Sinks.Open(settings.Sinks, new() { Time = clock, Logs = _loggers, Meter = _meter }, settings.Kafka, () => (_source as KafkaSource)?.Group);
        string modelFolder = Path.Combine(settings.State.Directory, "models");
        StateTopics? topics = settings.State.Store == StateStore.Topic ? new(settings.Kafka, settings.State) : null;
        _mirror = topics is null ? null : new(topics, modelFolder, clock);
        ModelStore models = new(
            modelFolder, settings.Learn.VersionsKept, clock, new PinnedModels(Path.Combine(settings.State.Directory, "lanes")).Of, group => _mirror?.Send(group));
        Trainer trainer = new(
            settings.Learn.DutyCycle, models, clock, _loggers.CreateLogger<Trainer>(), TrainingEngines.Open(settings.Learn),
            new(modelFolder, cold), settings.State.CheckpointEvery);
        SynchronousTrainer? inStream = settings.Learn.Training == TrainingMode.Synchronous ? new(lanes: 0, BarrierOf(settings)) : null;
        bool isShared = settings.SamplesTopic.Length > 0 && inStream is null;
        Trainer follower = isShared ? new(settings.Learn.DutyCycle, models, clock, _loggers.CreateLogger<Trainer>()) : trainer;
        _samples = isShared ? new(settings.Kafka, settings.SamplesTopic, follower, settings.Roles.Contains(Role.Train) ? trainer : null) : null;
        ITraining training = inStream is not null ? inStream : _samples is not null ? _samples : trainer;
        LaneOpening opening = new(settings.ToLane(), settings.State, topics, cold, training, models, clock, _loggers.CreateLogger<LaneOpening>());
        int workers = settings.Runtime.Workers > 0 ? settings.Runtime.Workers : Environment.ProcessorCount;
        _lanes = new(opening, new(), _sinks, workers, settings.Runtime.FlushFor);
        follower.ChampionReady = champion => _lanes.Activate(champion.Group, champion.Version, champion.Model);
        if (inStream is not null)
        {
            inStream.ChampionReady = _lanes.Await;
            inStream.BarrierPassed = _lanes.Resume;
        }

        Feed = new(_lanes, training, _sinks, lane => (_source as KafkaSource)?.Lags.GetValueOrDefault(lane) ?? 0, clock);
        _watchdog = new(() => _lanes.Hosts, settings.Runtime, clock, _loggers.CreateLogger<LaneWatchdog>(), static () => Environment.Exit(1));
        Page = new(settings.Http, Feed, new(() => _watchdog.Fatal, NotReady), clock, _loggers);
        _host = BuildHost(settings, logs, isShared ? [trainer, follower] : [trainer]);
    }

    /// <summary>The lanes.</summary>
    public LaneScheduler Lanes => _lanes;

    /// <summary>Where results go.</summary>
    public IReadOnlyList<ISink> Sinks => _sinks;

    /// <summary>What the page asks.</summary>
    public LiveFeed Feed { get; }

    /// <summary>The page.</summary>
    public LiveServer Page { get; }

    /// <summary>Runs until the input ends, the token is cancelled or a signal comes.</summary>
    /// <returns>The process's exit code: 0 after a clean stop, 1 where reading has failed.</returns>
    public async Task<int> RunAsync(Func<Task>? started, CancellationToken stop)
    {
        await _host.StartAsync(stop);
        if (started is not null)
        {
            await started();
        }

        await _host.WaitForShutdownAsync(stop);
        using CancellationTokenSource limit = new(FlushLimit);
        foreach (ISink sink in _sinks)
        {
            await sink.FlushAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return _readings.TrueForAll(static reading => reading.Failure is null) ? 0 : 1;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _host.Dispose();
        _lanes.Dispose();
        _samples?.Dispose();
        _mirror?.Dispose();
        _others.ForEach(static other => other.Dispose());
        foreach (ISink sink in _sinks)
        {
            await sink.DisposeAsync();
        }

        (_source as IDisposable)?.Dispose();
        _meter.Dispose();
        _loggers.Dispose();
    }

    static readonly TimeSpan FlushLimit = TimeSpan.FromSeconds(5);

    // Lanes that learn together meet at least as often as a champion is waited for.
    static TimeSpan BarrierOf(Settings settings)
    {
        IEnumerable<TimeSpan> steps = settings.Series.Groups.Select(static group => group.Step).OfType<TimeSpan>().Append(settings.Align.Step);
        return steps.Min(static step => step > TimeSpan.Zero ? step : TimeSpan.FromSeconds(1)) * settings.Learn.ActivationDelaySteps;
    }

    IHost BuildHost(Settings settings, Action<ILoggingBuilder> logs, IReadOnlyList<Trainer> trainers)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new() { ApplicationName = "StreamForecaster" });
        logs(builder.Logging);
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = settings.Runtime.ShutdownLimit);
        foreach (Trainer trainer in trainers)
        {
            builder.Services.AddSingleton<IHostedService>(trainer);
        }

        builder.Services.AddSingleton<IHostedService>(_watchdog);
        builder.Services.AddSingleton<IHostedService>(Page);
        builder.Services.AddSingleton<IHostedService>(new OtlpExport(settings.Telemetry));
        foreach ((IRecordSource source, ILanes lanes) in Readings(settings, trainers[0]))
        {
            builder.Services.AddSingleton<IHostedService>(services =>
            {
                IngestionService reading = new(source, lanes, services.GetRequiredService<IHostApplicationLifetime>(), _loggers.CreateLogger<IngestionService>());
                _readings.Add(reading);
                return reading;
            });
        }

        return builder.Build();
    }

    // What is read by the roles: each is a consumer group of its own, polled by a thread of its own.
    List<(IRecordSource Source, ILanes Lanes)> Readings(Settings settings, Trainer trainer)
    {
        List<(IRecordSource, ILanes)> readings = [];
        if (settings.Roles.Contains(Role.Forecast))
        {
            readings.Add((_source, _lanes));
        }

        if (settings.Roles.Contains(Role.Train) && _samples is not null)
        {
            LaneSettings lane = settings.ToLane();
            readings.Add((Kafka(settings, "train", [settings.SamplesTopic]), new SampleLanes(
                trainer,
                group => lane.ModelSpec(settings.Series.Groups.FirstOrDefault(rule => string.Equals(rule.Name, group, StringComparison.Ordinal))),
                settings.Learn)));
        }

        if (settings.Roles.Contains(Role.Repartition))
        {
            RepartitionLanes lanes = new(settings.Repartition, settings.Kafka, settings.Decode, settings.Series.PlacementKey);
            _others.Add(lanes);
            readings.Add((Kafka(settings, "repartition", settings.Repartition.From), lanes));
        }

        return readings;
    }

    KafkaSource Kafka(Settings settings, string role, string[] topics)
    {
        KafkaOptions options = settings.Kafka with { GroupId = $"{settings.Kafka.GroupId}-{role}", Topics = topics };
        KafkaSource source = new(options, TimeProvider.System, _loggers.CreateLogger<KafkaSource>());
        _others.Add(source);
        return source;
    }

    // Ready: every sink takes what it is given, every partition that is ours has its lane, and no lane hangs or is rebuilding its state.
    List<string> NotReady() =>
    [
        .. _sinks.Where(static sink => !sink.Healthy).Select(static sink => $"sink {sink.Name}: {sink.Trouble}"),
        .. _lanes.Hosts.Where(static host => host.Lane.IsRecovering).Select(static host => $"lane {host.Lane.Id} is rebuilding its state: {host.RecoveryLeft} records left"),
        .. _lanes.Hosts.Select(static host => host.Trouble).OfType<string>(),
        .. _watchdog.Troubles,
        .. _lanes.Failure is string failure ? [failure] : Array.Empty<string>(),
        .. _source is KafkaSource kafka ? NotReady(kafka) : [],
    ];

    IEnumerable<string> NotReady(KafkaSource kafka)
    {
        HashSet<LaneId> open = [.. _lanes.Hosts.Select(static host => host.Lane.Id)];
        return kafka.Troubles.Concat(kafka.Owned.Where(lane => !open.Contains(lane)).Select(static lane => $"lane {lane} is ours and not open yet"));
    }
}
