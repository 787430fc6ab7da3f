using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using StreamForecaster.Grouping;
using StreamForecaster.Models;
using StreamForecaster.State;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Publishing;
using StreamForecaster.Worker.State;
using StreamForecaster.Worker.Training;

namespace StreamForecaster.Worker.Lanes;

/// <summary>How a lane comes to its state: its newest checkpoint at or before the committed offset, its journal, and the models they name; or, where
/// those do not lead to the committed offset, a cold start.</summary>
/// <param name="settings">The stages' settings.</param>
/// <param name="state">Where the state is.</param>
/// <param name="topics">The topics that hold the state, or null where the folder does.</param>
/// <param name="cold">Do without state (<c>--cold</c>): true for the first opening of each lane.</param>
/// <param name="training">Where samples go.</param>
/// <param name="models">The models.</param>
/// <param name="clock">The clock of journal entries and checkpoints.</param>
/// <param name="log">The log.</param>
sealed partial class LaneOpening(
    LaneSettings settings, StateOptions state, StateTopics? topics, bool cold, ITraining training, ModelStore models, TimeProvider clock, ILogger<LaneOpening> log)
{
    // What a step is taken for, before a start, where each series finds its own: Telegraf's interval.
    static readonly TimeSpan UsualStep = TimeSpan.FromSeconds(10);

    readonly ConcurrentDictionary<string, (long Version, Forecaster Model)> _champions = new(StringComparer.Ordinal);
    readonly HashSet<LaneId> _known = [];
    readonly bool _isTrainedInStream = training is SynchronousTrainer { IsAlone: false };
    readonly SeriesPlaces _places = new((lane, series, other) =>
    {
        lane.Counters.NotKeyedFirst = $"{series.Display} comes from {other.Id} too";
        LogNotKeyed(log, lane.Id, lane.Counters.NotKeyedFirst);
    });
    int _opened;

    /// <summary>A group's champion, for lanes that are opened later.</summary>
    public void Remember(string group, long version, Forecaster model) => _champions[group] = (version, model);

    /// <summary>Opens a lane.</summary>
    /// <exception cref="TopicMadeAnewException">The lane's history is of a topic with another id; nothing is opened.</exception>
    /// <exception cref="InvalidOperationException">The state was written by a newer version of the daemon; one line.</exception>
    public LaneHost Open(LaneId id, PartitionStart start, BatchPools pools, IReadOnlyList<ISink> sinks)
    {
        string folder = Path.Combine(state.Directory, "lanes", id.ToString());
        LaneTopic? topic = topics is null ? null : new(topics, id, folder);
        LaneJournal journal = new(folder, topic);
        if (!start.IsAnother && start.TopicId.Length > 0 && journal.Start is { Group: { Length: > 0 } before } && !string.Equals(before, start.TopicId, StringComparison.Ordinal))
        {
            journal.Dispose();
            throw new TopicMadeAnewException(id, before, start.TopicId);
        }

        LaneStore store = new(folder, state.Kept, journal, topic);
        Lane lane = new(id, settings, training, _opened++)
        {
            Position = start.From,
            PublishFrom = start.From,
            Placement = PlacementOf(id, start),
            Places = _places,
        };
        bool without = _known.Add(id) && cold;
        if (journal.Damage is string damage)
        {
            LogRefused(damage);
        }

        if (start.Committed < 0)
        {
            // A group that is new where the history begins repeats it: the same journal gives the same results.
            if (without || start.IsAnother || journal.Damage is not null || journal.WholeFrom != Math.Max(0, start.From))
            {
                Begin(journal, start.From, start.TopicId);
            }
        }
        else if (without || journal.Damage is not null || !TryRestore(lane, start, store, journal))
        {
            lane.Position = ColdPosition(start);
            Begin(journal, lane.Position, start.TopicId);
            LogCold(id, without ? "asked for by --cold" : "no state leads there", lane.Position, start.From);
        }

        lane.Recover(journal.History.Where(entry => entry.Sequence > lane.JournalPosition)
            .Select(entry => (entry, entry.Kind == JournalKind.Activate ? Model(entry.Group, entry.Number) : null)));
        LaneHost host = new(lane, journal, _isTrainedInStream ? null : store, state.CheckpointEvery, pools, sinks, clock);
        foreach ((string group, (long version, Forecaster model)) in _champions)
        {
            host.Request(new JournalRequest(JournalKind.Activate, group, version, 0, model));
        }

        return host;
    }

    LanePlacement? PlacementOf(LaneId id, PartitionStart start) =>
        settings.Series.Placement == SeriesPlacement.Keyed && start.Partitions?.Invoke() is int partitions and > 0
            ? new(settings.Series.PlacementKey, id.Partition, partitions) : null;

    // A history begins here, of the topic with this id: what the journal and the checkpoints hold leads elsewhere.
    void Begin(LaneJournal journal, long offset, string topicId) =>
        journal.Append(Math.Max(0, offset), JournalKind.Start, topicId, UnixTime.Nanoseconds(clock.GetUtcNow()), 0);

    // From the newest checkpoint, or from the first start while the journal still has everything since.
    bool TryRestore(Lane lane, PartitionStart start, LaneStore store, LaneJournal journal)
    {
        // What synchronous training has learned is in no checkpoint: the history is repeated from its start.
        Checkpoint? checkpoint = _isTrainedInStream ? null : store.Load(start.From, LogRefused);
        long position = checkpoint?.Offset ?? journal.WholeFrom;
        if (position < 0 || position > start.From)
        {
            return false;
        }

        bool isTooFar = start.From - position > state.RestoreMaxRecords && !_isTrainedInStream;
        if (position < start.From && (position < start.Oldest || isTooFar))
        {
            LogTooFar(lane.Id, position, start.From, start.Oldest, state.RestoreMaxRecords);
            return false;
        }

        lane.Position = position;
        if (checkpoint is not null)
        {
            lane.Restore(checkpoint.Head.Span, checkpoint.Series, Model);
            LogRestored(lane.Id, checkpoint.Series.Count, lane.Position, start.From);
            if (lane.ResetSections.Count > 0)
            {
                LogReset(lane.Id, string.Join(", ", lane.ResetSections));
            }
        }

        return true;
    }

    long ColdPosition(PartitionStart start)
    {
        TimeSpan lookback = settings.Series.Groups.Append(null).Max(Lookback);
        long before = start.From > start.Oldest ? start.Before(lookback) : start.From;
        return Math.Min(start.From, Math.Max(before, Math.Max(start.Oldest, start.From - state.RestoreMaxRecords)));
    }

    TimeSpan Lookback(SeriesGroupOptions? rule)
    {
        TimeSpan step = rule?.Step ?? settings.Align.Step;
        return settings.ModelSpec(rule).Lookback * (step > TimeSpan.Zero ? step : UsualStep);
    }

    // A model that is gone answers no more; the mixture goes on without it.
    Forecaster? Model(string group, long version)
    {
        if (_champions.TryGetValue(group, out (long Version, Forecaster Model) champion) && champion.Version == version)
        {
            return champion.Model;
        }

        try
        {
            return models.Load(group, version);
        }
        catch (InvalidDataException gone)
        {
            LogModelGone(gone.Message);
            return null;
        }
    }

    [LoggerMessage(EventId = 200, Level = LogLevel.Information, Message = "Lane {Lane}: {Series} series restored at offset {Offset}, committed is {Committed}")]
    partial void LogRestored(LaneId lane, int series, long offset, long committed);

    [LoggerMessage(EventId = 201, Level = LogLevel.Error, Message = "{Refused}")]
    partial void LogRefused(string refused);

    [LoggerMessage(EventId = 202, Level = LogLevel.Warning, Message = "Lane {Lane}: settings have changed, so these parts of the state start anew: {Sections}")]
    partial void LogReset(LaneId lane, string sections);

    [LoggerMessage(EventId = 203, Level = LogLevel.Warning, Message = "{Reason} It answers no more.")]
    partial void LogModelGone(string reason);

    [LoggerMessage(EventId = 204, Level = LogLevel.Warning, Message = "Lane {Lane}: cold start ({Reason}): reading from {Offset}, results from {Committed}; all series warm up")]
    partial void LogCold(LaneId lane, string reason, long offset, long committed);

    [LoggerMessage(EventId = 206, Level = LogLevel.Error, Message = "Lane {Lane}: {First}: its forecasts and scores there and here overwrite each other. Key the producer's records by series.placementKey, or let the role repartition write the topic. How many there are: the metric series_not_keyed")]
    static partial void LogNotKeyed(ILogger log, LaneId lane, string first);

    [LoggerMessage(EventId = 205, Level = LogLevel.Warning, Message = "Lane {Lane}: the state is of offset {Offset}, committed is {Committed}, the oldest record {Oldest}: too far for state.restoreMaxRecords = {Max}, or expired")]
    partial void LogTooFar(LaneId lane, long offset, long committed, long oldest, long max);
}
