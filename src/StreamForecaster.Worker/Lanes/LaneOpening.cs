using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using StreamForecaster.Models;
using StreamForecaster.State;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Publishing;
using StreamForecaster.Worker.State;
using StreamForecaster.Worker.Training;

namespace StreamForecaster.Worker.Lanes;

/// <summary>How a lane comes to its state: its newest checkpoint at or before the committed offset, its journal, and the models they name.</summary>
sealed partial class LaneOpening(
    LaneSettings settings, StateOptions state, ITraining training, ModelStore models, TimeProvider clock, ILogger<LaneOpening> log)
{
    readonly ConcurrentDictionary<string, (long Version, Forecaster Model)> _champions = new(StringComparer.Ordinal);
    int _opened;

    /// <summary>A group's champion, for lanes that are opened later.</summary>
    public void Remember(string group, long version, Forecaster model) => _champions[group] = (version, model);

    /// <summary>Opens a lane at the group's committed offset; -1 where there is none.</summary>
    public LaneHost Open(LaneId id, long committed, BatchPools pools, IReadOnlyList<ISink> sinks)
    {
        string folder = Path.Combine(state.Directory, "lanes", id.ToString());
        LaneJournal journal = new(folder);
        LaneStore store = new(folder, state.Kept);
        Lane lane = new(id, settings, training, _opened++) { Position = committed, PublishFrom = committed };
        if (store.Load(committed, LogRefused) is Checkpoint checkpoint)
        {
            lane.Restore(checkpoint.Head.Span, checkpoint.Series, Model);
            LogRestored(id, checkpoint.Series.Count, lane.Position, committed);
            if (lane.ResetSections.Count > 0)
            {
                LogReset(id, string.Join(", ", lane.ResetSections));
            }
        }

        else if (committed > 0)
        {
            LogCold(id, committed);
        }

        if (journal.Entries.Count == 0)
        {
            lane.Recover([(journal.Append(0, JournalKind.Start, "", UnixTime.Nanoseconds(clock.GetUtcNow()), 0), null)]);
        }

        lane.Recover(journal.Entries.Where(entry => entry.Sequence > lane.JournalPosition)
            .Select(entry => (entry, entry.Kind == JournalKind.Activate ? Model(entry.Group, entry.Number) : null)));
        LaneHost host = new(lane, journal, store, state.CheckpointEvery, pools, sinks, clock);
        foreach ((string group, (long version, Forecaster model)) in _champions)
        {
            host.Request(new JournalRequest(JournalKind.Activate, group, version, 0, model));
        }

        return host;
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

    [LoggerMessage(EventId = 204, Level = LogLevel.Warning, Message = "Lane {Lane}: no usable checkpoint at or before the committed offset {Committed}: it starts cold, its series are warming")]
    partial void LogCold(LaneId lane, long committed);

    [LoggerMessage(EventId = 203, Level = LogLevel.Warning, Message = "{Reason} It answers no more.")]
    partial void LogModelGone(string reason);
}
