using System.Text;
using StreamForecaster.Alignment;
using StreamForecaster.Forecasting;
using StreamForecaster.Grouping;
using StreamForecaster.Models;
using StreamForecaster.Scoring;
using StreamForecaster.State;
using StreamForecaster.Windowing;
using StreamForecaster.Worker.Training;

namespace StreamForecaster.Worker.Lanes;

/// <summary>
/// A series group in a lane: the stages with the group's settings, and the memory of its series. A series' block is the sections of the
/// stages one after the other; a series on probation has the first one alone.
/// </summary>
sealed unsafe class LaneGroup : IDisposable
{
    // The model's ring is read by whole cache lines; the others hold numbers of up to eight bytes.
    const int ModelAlignment = 64;
    const int SectionAlignment = 8;

    readonly byte[][] _expertLabels;
    readonly int[] _publishedHorizons;
    readonly BlockPool _probation;
    readonly BlockPool _blocks;
    readonly StateSection _align;
    readonly StateSection _window;
    readonly StateSection _mixture;
    readonly StateSection _score;
    readonly StateSection _event;
    readonly StateSection _model;

    /// <summary>Makes the stages by the lane's settings and the group's rule.</summary>
    public LaneGroup(string name, LaneSettings settings, SeriesGroupOptions? rule)
    {
        Name = name;
        Spec = settings.ModelSpec(rule);
        string zone = rule?.TimeZone ?? TimeZoneInfo.Utc.Id;
        Calendar = new(TimeZoneInfo.FindSystemTimeZoneById(zone));
        TimeSpan step = rule?.Step ?? settings.Align.Step;
        Aggregate aggregate = rule?.Aggregate ?? settings.Align.Aggregate;
        Aligner = new(step, settings.Align.Lateness, settings.Align.FillLimit, aggregate);
        Maintenance = new(settings.Maintenance);
        Window = new(Spec.Lookback, Spec.Horizons);
        MixtureOptions mixture = settings.Forecast with
        {
            Profile = rule?.Profile ?? settings.Forecast.Profile,
            Season = rule?.Season ?? settings.Forecast.Season,
            RangeLow = rule?.RangeLow ?? settings.Forecast.RangeLow,
            RangeHigh = rule?.RangeHigh ?? settings.Forecast.RangeHigh,
        };
        Bands = new(mixture.Level);
        Mixture = new(mixture, Spec.Horizons, StreamingModel.NameOf(Spec));
        _publishedHorizons = Published(settings.Publish.Horizons, Spec.Horizons);
        _expertLabels = [.. Mixture.Experts.ToArray().Select(Encoding.UTF8.GetBytes)];
        ScoreOptions score = settings.Score with
        {
            Profile = rule?.Profile ?? settings.Score.Profile,
            Direction = rule?.Direction ?? settings.Score.Direction,
            MinimumDeviation = rule?.MinimumDeviation ?? settings.Score.MinimumDeviation,
        };
        Scorer = new(score);
        Events = new(score);

        string aligned = $"{step} {settings.Align.Lateness} {settings.Align.FillLimit} {aggregate}";
        int end = 0;
        _align = Section("align", Aligner.StateBytes, $"{aligned} {SeriesAligner.StateFormat}", ref end);
        _probation = new(end);
        _window = Section("window", Window.StateBytes, $"{aligned} {Spec.Lookback} {Spec.Horizons} {SeriesWindow.StateFormat}", ref end);
        _mixture = Section("mixture", Mixture.StateBytes, $"{aligned}{zone}{mixture} {Spec.Horizons} {ForecastMixture.StateFormat}", ref end);
        _score = Section("score", Scorer.StateBytes, $"{aligned}{zone}{score} {AnomalyScorer.StateFormat}", ref end);
        _event = Section("event", Events.StateBytes, aligned + score, ref end) with { Grows = true };
        _model = Section("model", StreamingModel.StateBytes(Spec), aligned + zone + Spec.ToJson(), ref end, ModelAlignment);
        _blocks = new(end);
        Sections = [_align, _window, _mixture, _score, _event, _model];
    }

    /// <summary>The stages' parts of a block, in order.</summary>
    public IReadOnlyList<StateSection> Sections { get; }

    /// <summary>The spec that its models have.</summary>
    public ModelSpec Spec { get; }

    /// <summary>The horizons whose forecasts are published, ascending.</summary>
    public ReadOnlySpan<int> PublishedHorizons => _publishedHorizons;

    /// <summary>Where its samples go.</summary>
    public IGroupTraining? Training { get; set; }

    /// <summary>The end of the latest step that a series of it has closed.</summary>
    public long StepEndNs { get; set; }

    /// <summary>The group's name.</summary>
    public string Name { get; }

    /// <summary>The calendar of its time zone.</summary>
    public CalendarClock Calendar { get; }

    /// <summary>When nothing is alarmed or learned.</summary>
    public MaintenanceCalendar Maintenance { get; }

    /// <summary>Points to steps.</summary>
    public SeriesAligner Aligner { get; }

    /// <summary>The ring of steps.</summary>
    public SeriesWindow Window { get; }

    /// <summary>Experts, mixture and bands.</summary>
    public ForecastMixture Mixture { get; }

    /// <summary>Anomaly scores.</summary>
    public AnomalyScorer Scorer { get; }

    /// <summary>Scores to events.</summary>
    public EventTracker Events { get; }

    /// <summary>The champion, once there is one.</summary>
    public StreamingModel? Champion { get; private set; }

    /// <summary>The champion before it, which answers for series that are not yet encoded anew.</summary>
    public StreamingModel? Predecessor { get; private set; }

    /// <summary>Series with a full block.</summary>
    public int SeriesCount => _blocks.InUse;

    /// <summary>The bytes of a series with all its sections.</summary>
    public int BlockBytes => _blocks.BlockBytes;

    /// <summary>The aligner's section, which every series has.</summary>
    public Span<byte> Align(Series series) => At(series, _align);

    /// <summary>The window's section.</summary>
    public Span<byte> WindowOf(Series series) => At(series, _window);

    /// <summary>The mixture's section.</summary>
    public Span<byte> MixtureOf(Series series) => At(series, _mixture);

    /// <summary>The scorer's section.</summary>
    public Span<byte> ScoreOf(Series series) => At(series, _score);

    /// <summary>The event tracker's section.</summary>
    public Span<byte> EventOf(Series series) => At(series, _event);

    /// <summary>The address of the model's streaming state.</summary>
    public nint ModelOf(Series series) => series.Block + _model.Start;

    /// <summary>An expert's name as UTF-8.</summary>
    public ReadOnlySpan<byte> ExpertLabel(int expert) => _expertLabels[expert];

    /// <summary>The whole block.</summary>
    public Span<byte> BlockOf(Series series) => series.OnProbation ? _probation.Span(series.Block) : _blocks.Span(series.Block);

    /// <summary>Gives a new series its probation block.</summary>
    public void Admit(Series series)
    {
        series.Block = _probation.Rent();
        Aligner.Initialize(Align(series));
    }

    /// <summary>Moves a series from probation into a full block.</summary>
    public void Promote(Series series)
    {
        nint block = _blocks.Rent();
        nint before = series.Block;
        Align(series).CopyTo(new Span<byte>((void*)(block + _align.Start), _align.Length));
        series.Block = block;
        series.OnProbation = false;
        _probation.Return(before);
        Mixture.Initialize(MixtureOf(series));
        Scorer.Initialize(ScoreOf(series));
        Events.Initialize(EventOf(series));
    }

    /// <summary>How its bands have done lately.</summary>
    public BandTally Bands { get; }

    /// <summary>Takes a series' block back.</summary>
    public void Release(Series series) => (series.OnProbation ? _probation : _blocks).Return(series.Block);

    /// <summary>A champion takes over from here on. One of another spec is passed by: it was made under other settings, and its state
    /// has no place in a block.</summary>
    public void Activate(long version, Forecaster model)
    {
        if (model.Spec != Spec)
        {
            return;
        }

        Predecessor = Champion;
        Champion = new(version, model, Lane.BatchMax);
    }

    /// <summary>No model answers.</summary>
    public void Clear() => Champion = Predecessor = null;

    /// <summary>The model whose version encoded a series' state, or null.</summary>
    public StreamingModel? Encoder(long version) =>
        version == 0 ? null
        : Champion?.Version == version ? Champion
        : Predecessor?.Version == version ? Predecessor
        : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        _probation.Dispose();
        _blocks.Dispose();
    }

    static int[] Published(IReadOnlyList<int> asked, int last) =>
        asked.Count > 0 ? [.. asked.Where(h => h <= last).Distinct().Order()] : [.. new[] { 1, last }.Distinct()];

    static Span<byte> At(Series series, StateSection section) => new((void*)(series.Block + section.Start), section.Length);

    static StateSection Section(string name, int length, string settings, ref int end, int alignment = SectionAlignment)
    {
        int start = (end + alignment - 1) / alignment * alignment;
        end = start + length;
        return new(name, start, length, KeyHash.Of(Encoding.UTF8.GetBytes(settings)));
    }
}
