using StreamForecaster.Alignment;
using StreamForecaster.Decoding;
using StreamForecaster.Models;
using StreamForecaster.State;
using StreamForecaster.Windowing;
using StreamForecaster.Worker.State;

namespace StreamForecaster.Worker.Lanes;

/// <summary>Taking up a checkpoint's state. What depends on a changed setting starts anew, and is named.</summary>
sealed partial class Lane
{
    readonly SortedSet<string> _reset = new(StringComparer.Ordinal);
    bool _cohortsTaken;

    /// <summary>The sections that were not taken over because their settings have changed, as <c>group/section</c>.</summary>
    public IReadOnlyCollection<string> ResetSections => _reset;

    /// <summary>Takes up a checkpoint. The lane must be new.</summary>
    /// <param name="head">The head's frame.</param>
    /// <param name="series">The latest frame of each series, in any order.</param>
    /// <param name="loadModel">Gives a version of a group's model, null where it is gone.</param>
    /// <exception cref="InvalidDataException">The records are damaged, or of a newer format.</exception>
    public void Restore(ReadOnlySpan<byte> head, IEnumerable<ReadOnlyMemory<byte>> series, Func<string, long, Forecaster?> loadModel)
    {
        Dictionary<string, Dictionary<string, StateSection>> tables = RestoreHead(LaneHead.Read(head), loadModel);
        List<Series> restored = [];
        foreach (ReadOnlyMemory<byte> record in series)
        {
            if (RestoreSeries(record.Span, tables) is Series taken)
            {
                restored.Add(taken);
            }
        }

        restored.Sort(static (x, y) => x.Order.CompareTo(y.Order));
        foreach (Series one in restored)
        {
            if (one.OnProbation)
            {
                (one.HasReturned ? _returned : _probation).Enqueue(new(one.Index, one.Hash));
                _probationCount++;
            }
            else if (one.IsStale)
            {
                _stale.Enqueue(new(one.Index, one.Hash));
            }

            if (SeriesAligner.IsScheduled(one.Group.Align(one)))
            {
                Schedule(one);
            }
        }
    }

    Dictionary<string, Dictionary<string, StateSection>> RestoreHead(LaneHead head, Func<string, long, Forecaster?> loadModel)
    {
        Position = head.Position;
        JournalPosition = head.JournalPosition;
        _encodingCredit = head.EncodingCredit;
        _order = head.Order;
        _clock.Load(head.Clock);
        _cohortsTaken = _cohorts.TryRead(head.Cohorts);
        if (!_cohortsTaken)
        {
            _reset.Add("cohorts");
        }

        Counters.Cohorts = _cohorts.Count;
        foreach (ModelName champion in head.Champions)
        {
            if (loadModel(champion.Group, champion.Version) is Forecaster model)
            {
                _champions[champion.Group] = (champion.Version, model);
            }
        }

        foreach (GroupHead group in head.Groups)
        {
            RestoreGroup(group, loadModel);
        }

        return head.Groups.ToDictionary(
            static group => group.Name, static group => group.Sections.ToDictionary(static s => s.Name, StringComparer.Ordinal), StringComparer.Ordinal);
    }

    void RestoreGroup(GroupHead head, Func<string, long, Forecaster?> loadModel)
    {
        LaneGroup group = OpenGroup(head.Name, _settings.Series.Groups.FirstOrDefault(rule => string.Equals(rule.Name, head.Name, StringComparison.Ordinal)));
        group.StepEndNs = head.StepEndNs;
        group.Clear();
        foreach (long version in new[] { head.Predecessor, head.Champion })
        {
            if (version != 0 && loadModel(head.Name, version) is Forecaster model)
            {
                group.Activate(version, model);
            }
        }
    }

    // Null for one that does not belong here, by a setting that has come since.
    Series? RestoreSeries(ReadOnlySpan<byte> record, Dictionary<string, Dictionary<string, StateSection>> tables)
    {
        StateReader reader = new(record);
        ReadOnlySpan<byte> key = reader.Bytes();
        string group = reader.Text();
        long flags = reader.Number();
        if (!_groups.TryGetValue(group, out LaneGroup? owner) || !tables.TryGetValue(group, out Dictionary<string, StateSection>? table))
        {
            throw new InvalidDataException($"a state record names the group '{group}', which its head does not");
        }

        if (Placement?.Trouble(key) is not null)
        {
            return null;
        }

        Series series = new(key, KeyHash.Of(key)) { Group = owner };
        series.Group.Admit(series);
        series.Index = _series.Add(series);
        series.IsStale = (flags & 2) != 0;
        series.HasReturned = (flags & 4) != 0;
        series.IsAlone = _cohortsTaken && (flags & 8) != 0;
        series.ProbationSteps = (int)reader.Number();
        series.Order = reader.Number();
        ReadOnlySpan<byte> block = reader.Bytes();
        if ((flags & 1) == 0)
        {
            owner.Promote(series);
            series.Labels = new(SeriesIdentity.Parse(key), _settings.Messages);
            Places?.Take(series, this);
        }

        TakeSections(series, block, table);
        return series;
    }

    void TakeSections(Series series, ReadOnlySpan<byte> block, Dictionary<string, StateSection> table)
    {
        LaneGroup group = series.Group;
        foreach (StateSection section in series.OnProbation ? group.Sections.Take(1) : group.Sections)
        {
            if (table.TryGetValue(section.Name, out StateSection stored) && section.Takes(stored) && stored.Start + stored.Length <= block.Length)
            {
                block.Slice(stored.Start, stored.Length).CopyTo(group.BlockOf(series)[section.Start..]);
                continue;
            }

            _reset.Add($"{group.Name}/{section.Name}");
            if (!series.OnProbation && string.Equals(section.Name, "model", StringComparison.Ordinal))
            {
                SeriesWindow.Head(group.WindowOf(series)).EncodedVersion = 0;
            }
        }
    }
}
