using StreamForecaster.Alignment;
using StreamForecaster.Decoding;
using StreamForecaster.Grouping;
using StreamForecaster.State;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Publishing;
using StreamForecaster.Worker.Training;

namespace StreamForecaster.Worker.Lanes;

/// <summary>
/// The processing of one input partition: decode → align → score → window → forecast → publish, one sequential loop, on one thread at
/// a time. Its results are a function of its records and its journal: nothing here asks a clock, and where a batch ends does not show.
/// </summary>
sealed partial class Lane : IDisposable
{
    /// <summary>Steps that are forecast together at most.</summary>
    public const int BatchMax = 256;

    // The squares of what is smaller stay finite in every stage.
    const double ValueMax = 1e100;

    // Closings are paced: so many for a record and for each of its points, in the schedule's order. Two a point catches up; one would not.
    const int ClosingsPerRecord = 2;
    const int ClosingsPerPoint = 2;

    readonly LaneSettings _settings;
    readonly RecordDecoder _decoder;
    readonly PointBatch _points = new();
    readonly LaneClock _clock;
    readonly StepSchedule _schedule;
    readonly SeriesTable _series = new();
    readonly GroupRules _rules;
    readonly SortedDictionary<string, LaneGroup> _groups = new(StringComparer.Ordinal);
    ResultBatch _results = null!; // the one that is being filled: given with every call that can publish
    ByteBuffer? _checkpoint;
    bool _isPublishing;

    // Where it stands in a batch while it waits for other lanes.
    bool _isWaiting;
    int _next;
    int _closingsLeft;
    LaneGroup[] _groupList = [];

    /// <summary>Makes an empty lane.</summary>
    /// <param name="id">The partition.</param>
    /// <param name="settings">The stages' settings.</param>
    /// <param name="training">Where samples go.</param>
    /// <param name="number">The lane's number in this process.</param>
    public Lane(LaneId id, LaneSettings settings, ITraining training, int number)
    {
        Id = id;
        _settings = settings;
        _training = training;
        _number = number;
        _decoder = new RecordDecoder(settings.Decode, settings.Decode.FormatOf(id.Topic), settings.MaxRecordBytes);
        _rules = new(settings.Series);
        _cohorts = new(settings.Cohorts, settings.Score, id.ToString());
        _clock = new(settings.Align.MaxAhead.Ticks * 100, settings.Align.MaxAge.Ticks * 100);
        _schedule = new((x, y) => KeyOf(x).SequenceCompareTo(KeyOf(y)));
        _meeting = training is SynchronousTrainer { IsAlone: false } meeting ? meeting : null;
        _meeting?.Enter(number);
    }

    /// <summary>The partition.</summary>
    public LaneId Id { get; }

    /// <summary>What it has seen and done.</summary>
    public LaneCounters Counters { get; } = new();

    /// <summary>The offset of the next record.</summary>
    public long Position { get; set; } = -1;

    /// <summary>The sequence number of the last journal entry that acted.</summary>
    public long JournalPosition { get; private set; }

    /// <summary>Results are published from this offset on; before it, state is being rebuilt.</summary>
    public long PublishFrom { get; set; } = -1;

    /// <summary>Whether a series belongs in this partition; null where that is not known.</summary>
    public LanePlacement? Placement { get; init; }

    /// <summary>Told which series are this lane's; null where nobody asks.</summary>
    public SeriesPlaces? Places { get; init; }

    /// <summary>Told of each closed step, for backtests.</summary>
    public Action<StepReport>? Closed { get; set; }

    /// <summary>The largest event time seen.</summary>
    public long LaneTime => _clock.LaneTime;

    /// <summary>The groups by name; may be read from any thread.</summary>
    public IReadOnlyList<LaneGroup> Groups => Volatile.Read(ref _groupList);

    /// <summary>Takes a batch of records; what they give is appended to <paramref name="results"/>.</summary>
    /// <returns>False where synchronous training lets the lane go no further: it is to be called again, with the same batch, once the
    /// other lanes have come as far.</returns>
    public bool Process(RecordBatch batch, ResultBatch results)
    {
        _results = results;
        while (_next < batch.Count)
        {
            RawRecord record = batch[_next];
            if (!_isWaiting)
            {
                Take(record);
            }

            _isWaiting = !CloseDue();
            if (_isWaiting)
            {
                break;
            }

            Position = record.Offset + 1;
            _next++;
        }

        Forecast();
        Counters.Series = _series.Count;
        _next = _isWaiting ? _next : 0;
        return !_isWaiting;
    }

    /// <summary>Closes all steps that have points (the end of a replay).</summary>
    public void Finish(ResultBatch results)
    {
        _results = results;
        _meeting?.End(_number);
        while (_schedule.TryTake(long.MaxValue, out ScheduledStep step))
        {
            if (IsCurrent(step, out Series? series) && series.Group.Aligner.HasPoints(series.Group.Align(series)))
            {
                Close(series, reschedule: true);
            }
        }

        Forecast();
        EndCohorts();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _meeting?.End(_number);
        for (int i = 0; Places is not null && i < _series.IndexEnd; i++)
        {
            if (_series[i] is Series { OnProbation: false } series)
            {
                Places.Leave(series, this);
            }
        }

        foreach (LaneGroup group in _groups.Values)
        {
            group.Dispose();
        }
    }

    // What was gathered before the committed offset has been published in the lane's former life.
    void Reach(long offset)
    {
        if (!_isPublishing && offset >= PublishFrom)
        {
            Forecast();
            _isPublishing = true;
        }
    }

    void Take(RawRecord record)
    {
        Reach(record.Offset);
        Position = record.Offset;
        ApplyJournal(record.Offset);
        Counters.Records++;
        long recordNs = record.TimestampMs < 0 ? -1 : record.TimestampMs * 1_000_000;
        long believedNs = _clock.Believe(recordNs);
        _points.Clear();
        if (record.FullLength > record.Value.Length)
        {
            _points.AddError("the record is larger than kafka.maxRecordBytes", record.Value.Length);
        }
        else
        {
            _decoder.Decode(record.Value, recordNs, _points);
        }

        Counters.Excluded += _points.ExcludedCount;
        for (int i = 0; i < _points.ErrorCount; i++)
        {
            (string reason, int at) = _points.Error(i);
            DeadLetter(record, reason, at);
        }

        for (int i = 0; i < _points.Count; i++)
        {
            Accept(record, _points.Key(i), _points.TimestampNs(i), _points.Value(i), believedNs);
        }

        _closingsLeft = ClosingsPerRecord + (ClosingsPerPoint * _points.Count);
    }

    void Accept(RawRecord record, ReadOnlySpan<byte> key, long timeNs, double value, long believedNs)
    {
        PointTime judged = _clock.Accept(timeNs, believedNs);
        if (judged != PointTime.Good || Math.Abs(value) > ValueMax)
        {
            DeadLetter(record, judged switch
            {
                PointTime.TooFarAhead => "timestamp too far ahead of its record",
                PointTime.TooOld => "timestamp too old",
                _ => "value out of range: allowed is up to 1e100",
            }, at: 0);
            return;
        }

        ulong hash = KeyHash.Of(key);
        Series? known = _series.Find(key, hash);
        if (known is null && Placement?.Trouble(key) is string notKeyed)
        {
            DeadLetter(record, notKeyed, at: 0);
            return;
        }

        Series series = known ?? Admit(key, hash);
        Touch(series);
        PointOutcome outcome;
        while ((outcome = series.Group.Aligner.Accept(series.Group.Align(series), timeNs, value, _clock.LaneTime)) == PointOutcome.Full)
        {
            Close(series, reschedule: false);
        }

        switch (outcome)
        {
            case PointOutcome.Scheduled:
                Schedule(series);
                break;
            case PointOutcome.Late:
                Counters.Late++;
                return;
            case PointOutcome.Duplicate:
                Counters.Duplicates++;
                return;
            default:
                break;
        }

        Counters.Points++;
        if (known is { OnProbation: true, HasReturned: false })
        {
            Return(known);
        }
    }

    // False where it must wait for other lanes before the next step.
    bool CloseDue()
    {
        while (_closingsLeft > 0 && _schedule.NextDue <= _clock.LaneTime)
        {
            if (!MayClose(_schedule.NextDue))
            {
                return false;
            }

            _schedule.TryTake(_clock.LaneTime, out ScheduledStep step);
            if (!IsCurrent(step, out Series? series))
            {
                continue;
            }

            if (series.Group.Aligner.Due(series.Group.Align(series)) > _clock.LaneTime)
            {
                Schedule(series);
                continue;
            }

            _closingsLeft--;
            Close(series, reschedule: true);
        }

        return true;
    }

    // Empty for a series that is gone.
    ReadOnlySpan<byte> KeyOf(int index) => _series[index] is Series series ? series.Key : [];

    // An entry outlives its series where one fell out of probation, or its step where that was closed out of turn.
    bool IsCurrent(ScheduledStep step, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Series? series)
    {
        series = _series[step.Series];
        if (series is null || (uint)(series.Hash >> 32) != step.Hash || series.ScheduledDue != step.Due)
        {
            return false;
        }

        series.ScheduledDue = long.MinValue;
        return SeriesAligner.IsScheduled(series.Group.Align(series));
    }

    void Schedule(Series series)
    {
        if (series.ScheduledDue == long.MinValue)
        {
            series.ScheduledDue = series.Group.Aligner.Due(series.Group.Align(series));
            _schedule.Add(series.Index, series.Hash, series.ScheduledDue);
        }
    }
}
