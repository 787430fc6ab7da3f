using StreamForecaster.Decoding;
using StreamForecaster.Grouping;
using StreamForecaster.Models;

namespace StreamForecaster.Worker.Lanes;

/// <summary>Which series there are: probation, promotion, the limit, and who makes room.</summary>
sealed partial class Lane
{
    // So many new series without a place are a flood; its tag is looked for again at every doubling.
    const int FloodMin = 1024;
    const int FloodLooksAt = 2048;

    readonly Queue<SeriesTicket> _probation = new();
    readonly Queue<SeriesTicket> _returned = new();
    readonly Queue<SeriesTicket> _stale = new();
    int _probationCount;
    long _floodAt = FloodMin;

    // A flood of new names must not cost the others anything: a new series has an aligner's state alone, and the oldest gives way, first
    // of all one that has come but once, as a name made up does.
    Series Admit(ReadOnlySpan<byte> key, ulong hash)
    {
        while (_probationCount >= _settings.Series.Probation && (TryDrop(_probation, hasReturned: false) || TryDrop(_returned, hasReturned: true)))
        {
            Counters.ProbationDropped++;
            WatchFlood();
        }

        Series admitted = new(key, hash) { Group = GroupOf(key) };
        admitted.Group.Admit(admitted);
        admitted.Index = _series.Add(admitted);
        admitted.Order = _order++;
        _probation.Enqueue(new(admitted.Index, hash));
        _probationCount++;
        return admitted;
    }

    bool TryDrop(Queue<SeriesTicket> queue, bool hasReturned)
    {
        while (queue.TryDequeue(out SeriesTicket oldest))
        {
            if (_series[oldest.Index] is Series series && series.Hash == oldest.Hash && series.OnProbation && series.HasReturned == hasReturned)
            {
                Remove(series);
                return true;
            }
        }

        return false;
    }

    void Return(Series series)
    {
        series.HasReturned = true;
        series.Order = _order++;
        _returned.Enqueue(new(series.Index, series.Hash));
    }

    // False at the limit where no stale series makes room: the series stays on probation and is counted as refused.
    bool TryPromote(Series series)
    {
        if (_series.Count - _probationCount >= _settings.Series.Limit && !TryEvict())
        {
            Counters.Refused++;
            WatchFlood();
            return false;
        }

        series.Group.Promote(series);
        series.Labels = new(SeriesIdentity.Parse(series.Key), _settings.Messages);
        LeaveProbation();
        Places?.Take(series, this);
        return true;
    }

    // With nobody on probation every ticket of its queues is void: they would be kept until there is a flood.
    void LeaveProbation()
    {
        if (--_probationCount > 0)
        {
            return;
        }

        _probation.Clear();
        _returned.Clear();
        _probation.TrimExcess();
        _returned.TrimExcess();
    }

    void WatchFlood()
    {
        if (Counters.ProbationDropped + Counters.Refused < _floodAt)
        {
            return;
        }

        _floodAt *= 2;
        Counters.Flood = NameFlood.Describe(_probation
            .Skip(_probation.Count - FloodLooksAt)
            .Select(ticket => _series[ticket.Index])
            .OfType<Series>()
            .Where(static series => series.OnProbation)
            .Select(static series => series.Key.ToArray()));
    }

    bool TryEvict()
    {
        while (_stale.TryDequeue(out SeriesTicket ticket))
        {
            if (_series[ticket.Index] is Series series && series.Hash == ticket.Hash && series.IsStale)
            {
                Counters.Evicted++;
                Remove(series);
                return true;
            }
        }

        return false;
    }

    void Remove(Series series)
    {
        if (series.OnProbation)
        {
            LeaveProbation();
        }
        else
        {
            Places?.Leave(series, this);
        }

        Touch(series);
        series.Group.Release(series);
        _series.Remove(series.Index);
        _removed.Add(series);
    }

    LaneGroup GroupOf(ReadOnlySpan<byte> key)
    {
        SeriesIdentity identity = SeriesIdentity.Parse(key);
        SeriesGroupOptions? rule = _rules.Find(identity.Display);
        string name = rule?.Name ?? _rules.Unruled(identity.Name);
        if (!_groups.TryGetValue(name, out LaneGroup? group))
        {
            if (rule is null && _groups.Count >= _settings.Series.GroupLimit)
            {
                name = GroupRules.Other;
                _groups.TryGetValue(name, out group);
            }

            group ??= OpenGroup(name, rule);
        }

        return group;
    }

    LaneGroup OpenGroup(string name, SeriesGroupOptions? rule)
    {
        LaneGroup group = new(name, _settings, rule);
        group.Training = _training.Join(_number, name, group.Spec, _settings.Learn);
        _groups.Add(name, group);
        Volatile.Write(ref _groupList, [.. _groups.Values]);
        if (_champions.TryGetValue(name, out (long Version, Forecaster Model) champion))
        {
            group.Activate(champion.Version, champion.Model);
        }

        return group;
    }

    readonly record struct SeriesTicket(int Index, ulong Hash);
}
