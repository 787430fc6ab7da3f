using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StreamForecaster.Grouping;

namespace StreamForecaster.Forecasting;

/// <summary>
/// The forecasts of a series: cheap experts, online regressions and, when there is one, the model, weighed by their recent
/// losses on this series, with bands that hold the chosen share. One instance serves all series of one lane and group; a
/// series' own data is the span given to every call. Not thread-safe; allocates nothing after construction.
/// </summary>
/// <remarks>
/// A step is <see cref="Observe"/> (learn from what was forecast for it), then <see cref="Forecast"/>. A forecast made at
/// step t for t + h is learned from in the Observe of step t + h, never earlier.
/// </remarks>
public sealed partial class ForecastMixture
{
    /// <summary>Changes with the meaning of a state's bytes: one of another format is not taken.</summary>
    public const int StateFormat = 5;

    /// <summary>What an origin keeps: the trends' record; then a byte each, what its value was and who led each group.</summary>
    const int OriginMarks = TrendExperts.RecordLength;

    readonly MixtureOptions _options;
    readonly int _horizons;
    readonly double _lowest;
    readonly double _highest;
    readonly bool _full;
    readonly ExpertRoster _roster;
    readonly HorizonGroups _groups;
    readonly RegressionExpert[] _regressions;
    readonly MixtureWeights _weights;
    readonly LeadingExpert _leader;
    readonly ShockWeights _shocks;
    readonly int _shockGroups;
    readonly ConformalBands _bands;
    readonly PendingForecasts _pending;
    readonly PeriodFinder? _finder;
    readonly MixtureLayout _layout;
    readonly float[] _holtReach;
    readonly float[] _experts;
    readonly float[] _stored;
    readonly float[] _hearing;
    readonly float[] _afterShock;
    readonly float[] _mixer = new float[1];
    readonly float[] _history;
    readonly float[] _features = new float[12];

    /// <summary>Forecasts one model's horizons.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="horizons">Forecasts reach 1..this many steps ahead, up to 1024; 12 is the design's default (an hour of five-minute steps).</param>
    /// <param name="model">The model's name among <see cref="Experts"/>.</param>
    public ForecastMixture(MixtureOptions options, int horizons = 12, string model = "gru_attention")
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(horizons, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(horizons, 1024);
        options.Check();
        _options = options;
        _horizons = horizons;
        _lowest = Math.Max(options.RangeLow, -double.MaxValue);
        _highest = Math.Min(options.RangeHigh, double.MaxValue);
        _full = options.Profile == SeriesProfile.Full;
        _roster = new ExpertRoster(options.Profile, model);
        _groups = new HorizonGroups(_horizons);
        _regressions = [.. RegressionBank(_full).Select(settings => new RegressionExpert(settings, _horizons))];
        _weights = new MixtureWeights(_roster, options.Profile);
        _leader = new LeadingExpert(_roster);
        _shocks = new ShockWeights(_roster);
        _shockGroups = _groups.Within(ShockWeights.LongestHorizon);
        _bands = new ConformalBands(_horizons, _groups.Count, _roster, options.Profile, options.Level);
        _pending = new PendingForecasts(_horizons, _roster.Stored, !_full, _full ? _weights.Mixers : 0, _full ? ExpertBands.OwnScales : 0);
        _finder = _full && options.Season == 0 ? new PeriodFinder() : null;
        _layout = new MixtureLayout(
            _horizons,
            OriginMarks + ((_groups.Count + 4) / 4),
            _full,
            _regressions,
            _weights.StateLength * _groups.Count,
            _leader.StateLength * _groups.Count,
            _shocks.StateLength,
            _bands.StateLength,
            _pending.StateLength,
            _roster.Padded);
        _holtReach = TrendExperts.HoltReach(_horizons);
        _experts = new float[_roster.Padded];
        _hearing = new float[_roster.Padded];
        _afterShock = new float[_roster.Padded];
        _stored = new float[_horizons * _roster.Stored];
        _history = _finder is null ? [] : new float[SeasonHistory.Capacity];
    }

    /// <summary>The length of a series' state in bytes.</summary>
    public int StateBytes => _layout.Bytes;

    /// <summary>The experts' names, by the index in <see cref="HorizonBand.Expert"/>.</summary>
    public ReadOnlySpan<string> Experts => _roster.Names;

    /// <summary>Forecasts reach 1..this many steps ahead.</summary>
    public int Horizons => _horizons;

    /// <summary>Prepares a zeroed state.</summary>
    public void Initialize(Span<byte> state)
    {
        var s = Open(state);
        s.Header.Unit = 1;
        s.Header.Season = _options.Season;
        if (_full)
        {
            s.Search.CheckEvery = PeriodFinder.Fewest;
            s.Search.NextCheck = 2 * PeriodFinder.Fewest;
        }

        _pending.Initialize(s.Pending);
        _bands.Initialize(s.Bands);
        for (var i = 0; i < _regressions.Length; i++)
        {
            _regressions[i].Initialize(s.Regression(i));
        }
    }

    /// <summary>True while a forecast for the step now closing, made this many steps before it, waits for it.</summary>
    public bool HasPending(ReadOnlySpan<byte> state, int horizon)
    {
        var s = Open(MutableView(state));
        return s.Header.Steps >= horizon && !float.IsNaN(_pending.To(s.Pending, horizon, s.Header.Steps)[0]);
    }

    /// <summary>
    /// The forecast issued this many steps ago for the step now closing; before its <see cref="Observe"/>. The newest
    /// value, with no band around it, where <see cref="HasPending"/> is false.
    /// </summary>
    public HorizonBand Pending(ReadOnlySpan<byte> state, int horizon)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(horizon, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(horizon, _horizons);
        var s = Open(MutableView(state));
        if (!HasPending(state, horizon))
        {
            return Band(s.Header.Unit, s.Header.Last, default, 0);
        }

        var slot = (int)((s.Header.Steps - horizon) % _horizons);
        return Band(s.Header.Unit, s.Values[slot], _pending.To(s.Pending, horizon, s.Header.Steps), 0);
    }

    /// <summary>The last forecast made for this many steps ahead; the newest value, with no band around it, before the first.</summary>
    public HorizonBand Latest(ReadOnlySpan<byte> state, int horizon)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(horizon, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(horizon, _horizons);
        var s = Open(MutableView(state));
        var step = s.Header.Steps - 1;
        if (step < 0)
        {
            return Band(s.Header.Unit, s.Header.Last, default, 0);
        }

        var record = _pending.To(s.Pending, horizon, step + horizon);
        return float.IsNaN(record[0])
            ? Band(s.Header.Unit, s.Header.Last, default, 0)
            : Band(s.Header.Unit, s.Values[(int)(step % _horizons)], record, 0);
    }

    /// <summary>
    /// What each expert said in the last <see cref="Forecast"/>, for one horizon, in the series' own units, by the order of
    /// <see cref="Experts"/>; not a number where one was asleep.
    /// </summary>
    public void Opinions(ReadOnlySpan<byte> state, int horizon, Span<double> opinions)
    {
        var s = Open(MutableView(state));
        var step = s.Header.Steps - 1;
        var slot = (int)(step % _horizons);
        var record = _pending.To(s.Pending, horizon, step + horizon);
        Gather(s.Origin(slot), record, horizon);
        for (var k = 0; k < _roster.Count; k++)
        {
            opinions[k] = (s.Values[slot] + _experts[k]) * s.Header.Unit;
        }
    }

    /// <summary>
    /// Whether a value is so far from all that the series has been that nothing is to be learned from it: an hour of another unit is not to
    /// undo what was learned in months. It is learned from when it has lasted for longer. Before the <see cref="Observe"/> of its step.
    /// </summary>
    public bool IsWild(ReadOnlySpan<byte> state, double value, in StepTime time) =>
        WildValues.IsToWait(Open(MutableView(state)).Header, value, time.StepSeconds);

    /// <summary>The season in steps; 0: none is known.</summary>
    public int Season(ReadOnlySpan<byte> state) => Open(MutableView(state)).Header.Season;

    /// <summary>Tells that another model answers from now on: it is not to be judged by what the one before it forecast.</summary>
    public void ModelReplaced(Span<byte> state)
    {
        var s = Open(state);
        for (var group = 0; group < _groups.Count; group++)
        {
            _weights.Forget(s.Weights(group, _weights.StateLength), _roster.Model);
            LeadingExpert.Forget(s.Leader(group, _leader.StateLength), _roster.Model);
        }

        _shocks.Forget(s.Shocks, _roster.Model);
        _bands.Forget(s.Bands, _roster.Model);
        s.Sleep[_roster.Model] = 0;
        s.Sleep[_roster.Padded + _roster.Model] = 0;
    }

    /// <summary>What the value of an origin was to the forecast for it.</summary>
    enum OriginMark : byte
    {
        Filled,
        Calm,
        Shock,
    }

    static IEnumerable<RegressionSettings> RegressionBank(bool full) => full
        ?
        [
            new RegressionSettings(1, 3, TrendExperts.Mean700, 3),
            new RegressionSettings(0.9995f, 3, TrendExperts.Mean700, 3),
            new RegressionSettings(0.9995f, 1000, TrendExperts.Mean700, 3),
            new RegressionSettings(0.99f, 3, TrendExperts.Mean168, 1),
        ]
        : [new RegressionSettings(0.9995f, 3, TrendExperts.Mean700, 1)];

    /// <summary>From a record (yhat, below, above: changes from the origin) to the series' own units, finite and in range.</summary>
    HorizonBand Band(double unit, double origin, ReadOnlySpan<float> record, byte expert)
    {
        var change = record.IsEmpty ? 0 : record[0];
        var (below, above) = record.IsEmpty ? default : BandWidths.Of(record[PendingForecasts.Widths]);
        return new HorizonBand(
            Publish((origin + change) * unit),
            Publish((origin + ((double)change - below)) * unit),
            Publish((origin + ((double)change + above)) * unit),
            expert);
    }

    double Publish(double value) =>
        Math.Clamp(value, _lowest, _highest);

    MixtureState Open(Span<byte> state)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(state.Length, _layout.Bytes, nameof(state));
        return new MixtureState(state, _layout);
    }

    /// <summary>One set of accessors serves readers and writers; a reader does not write through them.</summary>
    static Span<byte> MutableView(ReadOnlySpan<byte> state) =>
        MemoryMarshal.CreateSpan(ref Unsafe.AsRef(in MemoryMarshal.GetReference(state)), state.Length);
}
