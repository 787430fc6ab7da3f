using Microsoft.Extensions.Logging;
using StreamForecaster.Models;

namespace StreamForecaster.Worker.Training;

/// <summary>What learners remember over a restart.</summary>
public sealed partial class Trainer
{
    // Many groups with full buffers are gigabytes: saving takes at most this share of the trainer's time.
    const int SavingOneIn = 10;

    TimeSpan _saveFrom;

    void Restore(GroupTrainer group)
    {
        try
        {
            group.SavedAt = Elapsed();
            if (learners is not null && group.TryRestore(learners, version => Stored(group.Learner.Group, version)))
            {
                LogRestored(group.Learner.Group, group.Learner.Samples.RecentCount, group.Learner.Version);
                if (group.Learner.Champion is Forecaster champion)
                {
                    ChampionReady?.Invoke(new(group.Learner.Group, group.Learner.Version, champion, 0, "restored"));
                }
            }
        }
        catch (Exception unusable) when (unusable is InvalidDataException or IOException)
        {
            LogNotRestored(group.Learner.Group, unusable.Message);
        }
    }

    Forecaster? Stored(string group, long version)
    {
        try
        {
            return store?.Load(group, version);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    // One at a time, between two slices of training.
    void SaveOne()
    {
        TimeSpan now = Elapsed();
        if (learners is null || now < _saveFrom)
        {
            return;
        }

        foreach (GroupTrainer group in _groups.Values)
        {
            if (group.IsUnsaved && now - group.SavedAt >= saveEvery)
            {
                Save(group);
                TimeSpan end = Elapsed();
                _saveFrom = end + (SavingOneIn * (end - now));
                return;
            }
        }
    }

    void SaveAll()
    {
        foreach (GroupTrainer group in _groups.Values)
        {
            if (learners is not null && group.IsUnsaved)
            {
                Save(group);
            }
        }
    }

    // A disk that refuses costs a buffer after the next start, nothing now.
    void Save(GroupTrainer group)
    {
        group.SavedAt = Elapsed();
        try
        {
            group.Save(learners!);
        }
        catch (IOException refused)
        {
            LogNotSaved(group.Learner.Group, refused.Message);
        }
    }

    [LoggerMessage(EventId = 407, Level = LogLevel.Information, Message = "Group '{Group}': {Samples} samples restored, version {Version}")]
    partial void LogRestored(string group, int samples, long version);

    [LoggerMessage(EventId = 409, Level = LogLevel.Error, Message = "Group '{Group}' starts with an empty sample buffer: {Reason}")]
    partial void LogNotRestored(string group, string reason);

    [LoggerMessage(EventId = 406, Level = LogLevel.Error, Message = "Group '{Group}': its sample buffer was not saved: {Reason}")]
    partial void LogNotSaved(string group, string reason);
}
