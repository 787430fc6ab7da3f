using StreamForecaster.Models;
using StreamForecaster.State;
using StreamForecaster.Worker.Publishing;

namespace StreamForecaster.Worker.Lanes;

/// <summary>What enters the lane and does not follow from its records.</summary>
sealed partial class Lane
{
    readonly Queue<(JournalEntry Entry, Forecaster? Model)> _recovered = new();
    readonly Dictionary<string, (long Version, Forecaster Model)> _champions = new(StringComparer.Ordinal);

    /// <summary>True while the lane rebuilds its state: nothing new may enter its journal.</summary>
    public bool IsRecovering => _recovered.Count > 0 || Position < PublishFrom;

    /// <summary>Gives the lane the journal entries of its former life, oldest first, with the models they name.</summary>
    public void Recover(IEnumerable<(JournalEntry Entry, Forecaster? Model)> entries)
    {
        foreach ((JournalEntry Entry, Forecaster? Model) entry in entries)
        {
            _recovered.Enqueue(entry);
        }
    }

    /// <summary>True where an entry of the former life acts before any further record: the lane has come to its offset.</summary>
    public bool HasDueEntry => _recovered.TryPeek(out (JournalEntry Entry, Forecaster? Model) next) && next.Entry.Offset <= Math.Max(0, Position);

    /// <summary>True where a version of a group's model is the one that answers already.</summary>
    public bool Answers(string group, long version) =>
        _champions.TryGetValue(group, out (long Version, Forecaster Model) champion) && champion.Version == version;

    /// <summary>Lets the due entries of the former life act: on a silent partition no record comes to do it.</summary>
    public void ApplyDue(ResultBatch results)
    {
        _results = results;
        Reach(Math.Max(0, Position));
        ApplyJournal(Math.Max(0, Position));
        Forecast();
    }

    /// <summary>Lets a durable entry act, before the next record.</summary>
    public void Apply(JournalEntry entry, Forecaster? model, ResultBatch results)
    {
        _results = results;
        Reach(Position);
        Apply(entry, model);
        Forecast();
    }

    void ApplyJournal(long offset)
    {
        while (_recovered.TryPeek(out (JournalEntry Entry, Forecaster? Model) next) && next.Entry.Offset <= offset)
        {
            _recovered.Dequeue();
            Apply(next.Entry, next.Model);
        }
    }

    void Apply(JournalEntry entry, Forecaster? model)
    {
        Forecast();
        JournalPosition = entry.Sequence;
        switch (entry.Kind)
        {
            case JournalKind.Start:
                _clock.Advance(long.MinValue, entry.Number);
                break;
            case JournalKind.Idle:
                // Nobody waits for an idle lane, and it for nobody.
                _clock.Advance(entry.Number, entry.Extra);
                _meeting?.End(_number);
                _grantedNs = _meeting is null ? _grantedNs : long.MaxValue;
                _closingsLeft = int.MaxValue;
                CloseDue();
                _grantedNs = long.MinValue;
                break;
            case JournalKind.Activate when model is not null:
                Activate(entry.Group, entry.Number, model);
                break;
            default:
                break;
        }
    }

    void Activate(string group, long version, Forecaster model)
    {
        _champions[group] = (version, model);
        if (_groups.TryGetValue(group, out LaneGroup? open))
        {
            open.Activate(version, model);
        }
    }
}
