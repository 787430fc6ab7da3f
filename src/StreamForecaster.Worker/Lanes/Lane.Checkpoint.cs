using StreamForecaster.Alignment;
using StreamForecaster.State;
using StreamForecaster.Worker.State;

namespace StreamForecaster.Worker.Lanes;

/// <summary>
/// The lane's state as records: a head (position, clock, groups and their section tables), and a record for each series that changed since
/// the checkpoint before. All stand for the same offset though they are written in slices: a series that is about to change is
/// written first.
/// </summary>
sealed partial class Lane
{
    /// <summary>Frames gathered before they are handed on: a checkpoint must not be a second copy of the state.</summary>
    const int FramesMax = 64 * 1024;

    readonly List<Series> _removed = [];
    readonly Queue<int> _unwritten = new();
    Action? _framesFull;
    long _order;

    /// <summary>Starts a checkpoint: notes what has changed and writes the head. The slices follow with <see cref="WriteSlice"/>.</summary>
    /// <param name="everything">Writes all series, for a compaction.</param>
    /// <param name="to">Takes the frames.</param>
    /// <param name="full">Called when <paramref name="to"/> has so many that it should be emptied, also by a series that changes
    /// between two slices.</param>
    /// <returns>The head.</returns>
    public LaneHead BeginCheckpoint(bool everything, ByteBuffer to, Action? full = null)
    {
        WriteSlice(int.MaxValue, to);
        _framesFull = full;
        LaneHead head = Head();
        head.Write(to);
        foreach (Series series in _removed)
        {
            int start = StateFrame.Begin(to);
            to.Bytes(series.Key);
            StateFrame.End(to, start, (int)StateKind.Removed);
        }

        _removed.Clear();
        for (int i = 0; i < _series.IndexEnd; i++)
        {
            if (_series[i] is Series series && (everything || series.IsDirty))
            {
                series.IsDirty = false;
                series.IsUnwritten = true;
                _unwritten.Enqueue(i);
            }
        }

        _checkpoint = to;
        return head;
    }

    /// <summary>Writes some of the series of the checkpoint. True when all are written.</summary>
    public bool WriteSlice(int seriesMax, ByteBuffer to)
    {
        while (seriesMax-- > 0 && _unwritten.TryDequeue(out int index))
        {
            if (_series[index] is Series { IsUnwritten: true } series)
            {
                Write(series, to);
            }
        }

        if (_unwritten.Count > 0)
        {
            return false;
        }

        _checkpoint = null;
        return true;
    }

    // Every change of a series' state comes through here first.
    void Touch(Series series)
    {
        series.IsDirty = true;
        if (series.IsUnwritten)
        {
            Write(series, _checkpoint!);
        }
    }

    void Write(Series series, ByteBuffer to)
    {
        series.IsUnwritten = false;
        int start = StateFrame.Begin(to);
        to.Bytes(series.Key);
        to.Text(series.Group.Name);
        to.Number((series.OnProbation ? 1 : 0) | (series.IsStale ? 2 : 0) | (series.HasReturned ? 4 : 0) | (series.IsAlone ? 8 : 0));
        to.Number(series.ProbationSteps);
        to.Number(series.Order);
        to.Bytes(series.Group.BlockOf(series));
        StateFrame.End(to, start, (int)StateKind.Series);
        if (to.Length >= FramesMax)
        {
            _framesFull?.Invoke();
        }
    }

    LaneHead Head()
    {
        byte[] clock = new byte[LaneClock.StateBytes];
        _clock.Save(clock);
        return new()
        {
            Position = Position,
            JournalPosition = JournalPosition,
            EncodingCredit = _encodingCredit,
            Order = _order,
            Clock = clock,
            Champions = [.. _champions.OrderBy(static c => c.Key, StringComparer.Ordinal).Select(static c => new ModelName(c.Key, c.Value.Version))],
            Groups = [.. _groups.Values.Select(static group => new GroupHead(
                group.Name, group.StepEndNs, group.Champion?.Version ?? 0, group.Predecessor?.Version ?? 0, group.Sections))],
            Cohorts = _cohorts.IsOff ? [] : _cohorts.Write(),
        };
    }
}
