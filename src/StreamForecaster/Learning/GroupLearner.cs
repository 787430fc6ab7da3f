using StreamForecaster.Models;

namespace StreamForecaster.Learning;

/// <summary>
/// The learning of one series group: its samples, when it trains, the challenger in training, and the gate. Pure: what it does is a
/// function of the calls made. Not thread-safe: in the background it lives on the trainer's thread, in synchronous mode on whichever
/// lane arrives last.
/// </summary>
/// <remarks>
/// The way of a sample, seen from a lane, when a series closes a step whose end is <c>t</c>:
/// <list type="number">
/// <item>The origin is <c>horizon</c> steps back: <c>originNs = t − horizon · stepNs</c>, <c>knownNs = t</c>. Nothing is offered while a
/// target step was filled, a maintenance window is open, or the series has too short a past (shorter windows than the lookback are
/// padded on the left with the oldest row, gap flag set).</item>
/// <item><c>SampleThinning.Keep(SampleHash.OfKey(key), knownNs, seriesInGroup, options.SamplesPerStep)</c> says whether this series offers
/// at this step. Only then are the floats written out.</item>
/// <item>Inputs are the rows as they were scaled on arrival; targets are <c>(x[origin + h] − x[origin]) / (c √h)</c> with c the usual
/// change of a step at the origin. Weight 1, or <see cref="LearnOptions.AnomalyWeight"/> where a target step was anomalous.</item>
/// <item><see cref="Offer"/> through the trainer's inbox (<c>IGroupTraining.Offer</c> in the Worker), then, once per closed step of the
/// group, <see cref="Advance"/> (<c>IGroupTraining.Advance</c>).</item>
/// <item>The trainer calls <see cref="Work"/> until it is idle; a <see cref="TrainingOutcome"/> that passed goes to the store and to the
/// lanes, which write the journal entry and activate it.</item>
/// </list>
/// </remarks>
public sealed partial class GroupLearner
{
    readonly LearnOptions _options;
    readonly IModelEngine _engine;
    readonly ModelSpec _spec;
    readonly ulong _seed;
    readonly WindowLosses _measure;
    TrainingSchedule _schedule;
    DriftDetector _drift;
    TrainingRun? _run;
    Verdict? _verdict;
    Forecaster? _anchor;
    double[] _losses = [];
    double _liveLoss = double.NaN;
    string? _waiting;
    int _unseen;
    Tally _tally;

    /// <summary>Learning of a group that has no model yet.</summary>
    /// <param name="group">The group's name: it seeds everything random.</param>
    /// <param name="spec">The model's shapes.</param>
    /// <param name="options">Settings.</param>
    /// <param name="engine">What computes the gradients; the managed engine if null.</param>
    public GroupLearner(string group, ModelSpec spec, LearnOptions options, IModelEngine? engine = null)
    {
        _engine = engine ?? new ManagedEngine();
        Group = group;
        _spec = spec;
        _options = options;
        _seed = SampleHash.OfName(group);
        _measure = new WindowLosses(spec);
        Samples = new SampleBuffer(SampleShape.Of(spec), options);
    }

    /// <summary>The group's name.</summary>
    public string Group { get; }

    /// <summary>The shapes of its models.</summary>
    public ModelSpec Spec => _spec;

    /// <summary>The samples.</summary>
    public SampleBuffer Samples { get; }

    /// <summary>The champion; null while no challenger has won.</summary>
    public Forecaster? Champion { get; private set; }

    /// <summary>The champion's version; 0 while there is none.</summary>
    public long Version => _tally.Version;

    /// <summary>True while a challenger is in training: no samples are taken then.</summary>
    public bool IsTraining => _run is not null;

    /// <summary>Champions of other groups with the same shapes. A group that has no champion yet starts its challengers from the one
    /// that does best on its own samples, if that beats the last value.</summary>
    public IReadOnlyList<Forecaster> Kin { get; set; } = [];

    /// <summary>Group time: end of the last closed step, Unix nanoseconds.</summary>
    public long NowNs => _schedule.NowNs;

    /// <summary>What the page shows.</summary>
    public LearningStatus Status => new(
        Group, Version, _tally.Trainings, _tally.Promotions, _tally.Drifts, Samples.Taken, Samples.Refused, IsTraining,
        double.IsNaN(_liveLoss) ? null : _liveLoss, _verdict, _losses, _waiting);

    /// <summary>Takes a sample; see <see cref="SampleBuffer.Offer"/>. Samples come in the order (known, series).</summary>
    /// <exception cref="InvalidOperationException">A challenger is in training.</exception>
    public void Offer(in SampleInfo info, ReadOnlySpan<float> inputs, ReadOnlySpan<float> known, ReadOnlySpan<float> targets)
    {
        if (IsTraining)
        {
            throw new InvalidOperationException($"Group '{Group}' is training: its samples wait until the challenger is judged.");
        }

        if (Samples.Offer(info, inputs, known, targets))
        {
            _unseen = Math.Min(_unseen + 1, Samples.RecentCount);
        }
    }

    /// <summary>The group closed the step that ends at <paramref name="nowNs"/>: all its samples have been offered. A training that
    /// is due begins; <see cref="Work"/> does it.</summary>
    public void Advance(long nowNs, long stepNs)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(stepNs);
        _schedule.Advance(nowNs, stepNs, _options);
        if (IsTraining)
        {
            return;
        }

        WatchLoss();
        if (_options.Training != TrainingMode.Off && _schedule.IsDue)
        {
            Begin();
        }
    }

    /// <summary>A version takes the champion's place from outside: restored at start, rolled back or promoted by an operator.</summary>
    public void Adopt(long version, Forecaster champion)
    {
        Abort();
        Champion = champion;
        _tally.Version = version;
        Anchor();
        _tally.LastVersion = Math.Max(_tally.LastVersion, version);
        _drift.Reset();
    }

    /// <summary>Later versions are greater than this: what the store holds already.</summary>
    public void ContinueAfter(long version) => _tally.LastVersion = Math.Max(_tally.LastVersion, version);

    /// <summary>"Forget this period": removes every sample that touches it.</summary>
    public void Forget(long fromNs, long toNs)
    {
        Abort();
        Samples.Forget(fromNs, toNs, _schedule.StepNs);
        _unseen = 0;
        _drift.Reset();
    }

    // The champion on what just came, before anything is trained on it.
    void WatchLoss()
    {
        if (_unseen == 0)
        {
            return;
        }

        Span<int> slots = stackalloc int[Math.Min(_unseen, 64)];
        for (int i = 0; i < slots.Length; i++)
        {
            slots[i] = Samples.RecentSlot(i);
        }

        _unseen = 0;
        double loss = _measure.Measure(Champion, Samples.Recent, slots).Pinball.Average();
        double lastValueLoss = _measure.Measure(null, Samples.Recent, slots).Pinball.Average();
        _liveLoss = double.IsNaN(_liveLoss) ? loss : _liveLoss + (0.05 * (loss - _liveLoss));
        if (Champion is not null && _drift.Add(loss, lastValueLoss, _options.DriftTolerance, _options.DriftThreshold) && _schedule.Drifted(_options))
        {
            _tally.Drifts++;
        }
    }
}
