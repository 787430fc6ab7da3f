using Microsoft.Extensions.Logging;
using StreamForecaster.Learning;
using StreamForecaster.Models;

namespace StreamForecaster.Worker.Training;

/// <summary>What others ask of the trainer; it is done on its thread, between two slices of training.</summary>
public sealed partial class Trainer
{
    static readonly TimeSpan StoreInterval = TimeSpan.FromSeconds(2);

    TimeSpan _storeLookedAt;

    /// <summary>A group's later versions are greater than this. Returns at once.</summary>
    public void ContinueAfter(string group, long version) => _requests.Enqueue(() => _groups.GetValueOrDefault(group)?.Learner.ContinueAfter(version));

    // New groups start warm: every group without a champion may try those of the others.
    void ShareChampions()
    {
        foreach (GroupTrainer group in _groups.Values)
        {
            if (group.Learner.Champion is null)
            {
                group.Learner.Kin = [.. _groups.Values
                    .Select(other => other.Learner.Champion).OfType<Forecaster>().Where(champion => champion.Spec == group.Learner.Spec)];
            }
        }
    }

    // An operator's roll-back, promotion or forgotten period, written by another process, is seen within seconds.
    void LookAtStore()
    {
        TimeSpan now = Elapsed();
        if (store is null || now - _storeLookedAt < StoreInterval)
        {
            return;
        }

        _storeLookedAt = now;
        foreach (GroupTrainer group in _groups.Values)
        {
            TakeStored(group);
        }
    }

    void TakeStored(GroupTrainer group, bool isOvertaken = false)
    {
        GroupLearner learner = group.Learner;
        if (store!.Read(learner.Group) is not { } manifest || (manifest.Sequence == group.StoreSequence && !isOvertaken))
        {
            return;
        }

        TakeForgotten(group, manifest);
        group.StoreSequence = manifest.Sequence;
        learner.ContinueAfter(manifest.LastVersion);
        if ((manifest.Champion == learner.Version && !isOvertaken) || manifest.Champion == 0)
        {
            return;
        }

        try
        {
            Forecaster model = store.Load(learner.Group, manifest.Champion);
            if (model.Spec != learner.Spec)
            {
                LogUnusable(learner.Group, manifest.Champion, "the settings ask for another form of model.");
                return;
            }

            learner.Adopt(manifest.Champion, model);
            ShareChampions();
            ChampionReady?.Invoke(new(learner.Group, manifest.Champion, model, 0, manifest.Records[^1].Words));
        }
        catch (InvalidDataException unusable)
        {
            LogUnusable(learner.Group, manifest.Champion, unusable.Message);
        }
    }

    void TakeForgotten(GroupTrainer group, GroupManifest manifest)
    {
        foreach (StoreRecord record in manifest.Records)
        {
            if (string.Equals(record.Kind, StoreRecord.Forgotten, StringComparison.Ordinal) && record.Sequence > group.StoreSequence)
            {
                int samples = group.Forget(record.FromNs, record.ToNs);
                LogForgotten(group.Learner.Group, record.Period, samples);
            }
        }
    }

    [LoggerMessage(EventId = 408, Level = LogLevel.Information, Message = "Group '{Group}': the period {Period} is forgotten, {Samples} of the newest samples with it")]
    partial void LogForgotten(string group, string period, int samples);
}
