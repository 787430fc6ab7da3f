using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StreamForecaster.Learning;
using StreamForecaster.Worker.Configuration;
using StreamForecaster.Worker.Ingestion;
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
        ITraining training = inStream is null ? trainer : inStream;
        LaneOpening opening = new(settings.ToLane(), settings.State, topics, cold, training, models, clock, _loggers.CreateLogger<LaneOpening>());
        int workers = settings.Runtime.Workers > 0 ? settings.Runtime.Workers : Environment.ProcessorCount;
        _lanes = new(opening, new(), _sinks, workers, settings.Runtime.FlushFor);
        trainer.ChampionReady = champion => _lanes.Activate(champion.Group, champion.Version, champion.Model);
        if (inStream is not null)
        {
            inStream.ChampionReady = _lanes.Await;
            inStream.BarrierPassed = _lanes.Resume;
        }

        Feed = new(_lanes, training, _sinks, lane => (_source as KafkaSource)?.Lags.GetValueOrDefault(lane) ?? 0, clock);
        _watchdog = new(() => _lanes.Hosts, settings.Runtime, clock, _loggers.CreateLogger<LaneWatchdog>(), static () => Environment.Exit(1));
        Page = new(settings.Http, Feed, new(() => _watchdog.Fatal, NotReady), clock, _loggers);
        _host = BuildHost(settings, logs, trainer);
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

        return _host.Services.GetRequiredService<IngestionService>().Failure is null ? 0 : 1;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _host.Dispose();
        _lanes.Dispose();
        _mirror?.Dispose();
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

    IHost BuildHost(Settings settings, Action<ILoggingBuilder> logs, Trainer trainer)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new() { ApplicationName = "StreamForecaster" });
        logs(builder.Logging);
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = settings.Runtime.ShutdownLimit);
        builder.Services.AddSingleton<IHostedService>(trainer);
        builder.Services.AddSingleton<IHostedService>(_watchdog);
        builder.Services.AddSingleton<IHostedService>(Page);
        builder.Services.AddSingleton<IHostedService>(new OtlpExport(settings.Telemetry));
        builder.Services.AddSingleton(services => new IngestionService(
            _source, _lanes, services.GetRequiredService<IHostApplicationLifetime>(), _loggers.CreateLogger<IngestionService>()));
        builder.Services.AddSingleton<IHostedService>(static services => services.GetRequiredService<IngestionService>());
        return builder.Build();
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
