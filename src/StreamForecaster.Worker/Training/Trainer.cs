using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StreamForecaster.Learning;
using StreamForecaster.Models;

namespace StreamForecaster.Worker.Training;

/// <summary>The background trainer: one thread of low priority that feeds the groups' learners from the lanes' inboxes, trains one
/// challenger at a time, and keeps below its share of a core.</summary>
/// <param name="dutyCycle">The share of one core it may use, (0, 1].</param>
/// <param name="store">Where versions are kept; null keeps them in memory only.</param>
/// <param name="time">The clock; it only paces.</param>
/// <param name="log">The log.</param>
/// <param name="engine">What computes the gradients; the managed engine if null.</param>
/// <param name="learners">Where learners are kept over a restart; null forgets them.</param>
/// <param name="saveEvery">Time between two savings of a learner; one is saved when the trainer stops, too.</param>
public sealed partial class Trainer(
    double dutyCycle, ModelStore? store, TimeProvider time, ILogger<Trainer> log, IModelEngine? engine = null,
    LearnerStore? learners = null, TimeSpan saveEvery = default)
    : ITraining, IHostedService, IDisposable
{
    const int Nice = 10;

    // How often the inboxes are looked at while nothing is in training.
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    // Shorter rests are saved up.
    static readonly TimeSpan RestMin = TimeSpan.FromMilliseconds(5);

    readonly ManualResetEventSlim _stop = new();
    readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly ConcurrentQueue<Action> _requests = new();
    readonly DutyCycle _duty = new(dutyCycle);
    readonly TrainingMetrics _metrics = new();
    readonly CpuShare _share = new();
    ImmutableSortedDictionary<string, GroupTrainer> _groups = ImmutableSortedDictionary.Create<string, GroupTrainer>(StringComparer.Ordinal);
    Thread? _thread;

    /// <inheritdoc/>
    public Action<Champion>? ChampionReady { get; set; }

    /// <inheritdoc/>
    public IReadOnlyList<LearningStatus> Statuses => [.. Volatile.Read(ref _groups).Values.Select(group => group.Status)];

    /// <inheritdoc/>
    public double? CpuShare => _share.Value;

    /// <inheritdoc/>
    public IGroupTraining Join(int lane, string group, ModelSpec spec, LearnOptions options)
    {
        if (_groups.TryGetValue(group, out GroupTrainer? known))
        {
            return known.Inbox;
        }

        var made = new GroupTrainer(
            new GroupLearner(group, spec, options, engine), options,
            new SampleInbox(SampleShape.Of(spec), options.InboxSamples, options.SamplesPerStep));
        ImmutableInterlocked.Update(ref _groups, (groups, one) => groups.ContainsKey(group) ? groups : groups.Add(group, one), made);
        if (_groups[group] != made)
        {
            return _groups[group].Inbox;
        }

        _requests.Enqueue(() => Restore(made));
        if (store is not null)
        {
            _requests.Enqueue(() => TakeStored(made));
        }

        _requests.Enqueue(ShareChampions);

        return made.Inbox;
    }

    /// <summary>Starts the thread.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "trainer" };
        _thread.Start();
        return Task.CompletedTask;
    }

    /// <summary>Gives up what is in training and ends the thread.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        _stop.Set();
        return _thread is null ? Task.CompletedTask : _ended.Task.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Dispose();
        _metrics.Dispose();
    }

    void Run()
    {
        try
        {
            if (!ThreadClock.TrySetNice(Nice))
            {
                LogNoNice();
            }

            while (!_stop.IsSet)
            {
                Turn();
            }

            SaveAll();
            _ended.SetResult();
        }
        catch (Exception failure)
        {
            LogFailed(failure);
            _ended.SetException(failure);
        }
    }

    // One look at everything: requests, inboxes, then a slice of the training under way.
    void Turn()
    {
        while (_requests.TryDequeue(out Action? request))
        {
            request();
        }

        LookAtStore();
        SaveOne();
        GroupTrainer? active = null;
        foreach (GroupTrainer group in _groups.Values)
        {
            group.Drain();
            active ??= group.Learner.IsTraining ? group : null;
        }

        if (active is null)
        {
            _stop.Wait(Pause);
            _duty.Begin(ThreadClock.CpuTime, Elapsed());
            CountCpu();
            return;
        }

        if (active.Work() is { } outcome)
        {
            Announce(active, outcome);
        }

        TimeSpan rest = _duty.Rest(ThreadClock.CpuTime, Elapsed());
        if (rest > RestMin)
        {
            _stop.Wait(rest);
        }

        CountCpu();
    }

    void CountCpu()
    {
        TimeSpan used = ThreadClock.CpuTime;
        _metrics.Cpu(used);
        _share.Observe(used, Elapsed());
    }

    TimeSpan Elapsed() => time.GetElapsedTime(0);

    void Announce(GroupTrainer group, TrainingOutcome outcome)
    {
        _metrics.Judged(outcome, group.Inbox.Dropped);
        LogJudged(outcome.Group, outcome.Version, outcome.Verdict.Reason);
        if (!outcome.Verdict.Passed)
        {
            return;
        }

        // Durable before any lane can name it in its journal.
        if (!TryKeep(outcome))
        {
            TakeStored(group, isOvertaken: true);
            return;
        }

        ShareChampions();
        ChampionReady?.Invoke(new(outcome.Group, outcome.Version, outcome.Challenger, 0, outcome.Verdict.Reason));
    }

    // A disk that refuses costs a champion, not the training: the next one comes.
    bool TryKeep(TrainingOutcome outcome)
    {
        try
        {
            if (store is null || store.Add(outcome) is not null)
            {
                return true;
            }

            LogOvertaken(outcome.Group, outcome.Version);
        }
        catch (IOException refused)
        {
            LogNotKept(outcome.Group, outcome.Version, refused.Message);
        }

        return false;
    }

    [LoggerMessage(EventId = 405, Level = LogLevel.Error, Message = "Group '{Group}', version {Version} could not be stored and is dropped: {Reason}")]
    partial void LogNotKept(string group, long version, string reason);

    [LoggerMessage(EventId = 400, Level = LogLevel.Information, Message = "Group '{Group}', version {Version}: {Reason}")]
    partial void LogJudged(string group, long version, string reason);

    [LoggerMessage(EventId = 401, Level = LogLevel.Warning, Message = "The system does not lower the trainer's priority; its duty cycle still holds.")]
    partial void LogNoNice();

    [LoggerMessage(EventId = 402, Level = LogLevel.Error, Message = "Training has ended; the champions in use go on answering.")]
    partial void LogFailed(Exception failure);

    [LoggerMessage(EventId = 404, Level = LogLevel.Information, Message = "Group '{Group}': another process has stored version {Version} or a later one first; that one is taken")]
    partial void LogOvertaken(string group, long version);

    [LoggerMessage(EventId = 403, Level = LogLevel.Warning, Message = "Group '{Group}', version {Version} of the model store is not used: {Reason}")]
    partial void LogUnusable(string group, long version, string reason);
}
