using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StreamForecaster.Grouping;

namespace StreamForecaster.Scoring;

/// <summary>
/// Scores closed steps: evidence of several kinds, each made into a rarity against the series' own history, joined by
/// a p-norm. Holds no data of a series: that is in the span given to every call.
/// </summary>
public sealed partial class AnomalyScorer
{
    /// <summary>Changes with the meaning of a state's bytes: one of another format is not taken.</summary>
    public const int StateFormat = 3;

    /// <summary>Decades of rarity at which the published score is 1.</summary>
    public const double FullScore = 5;

    /// <summary>What an alarm saw is common only after four blocks of it.</summary>
    internal const int MarkedWeight = BlockTail.Unit / 4;

    /// <summary>Rate of the burst's mean: a burst is seen within five steps, and a flicker of two is not one.</summary>
    internal const double BurstRate = 0.2;

    /// <summary>Steps before shape and sustained novelty say anything.</summary>
    internal const uint Blind = 150;

    const double Largest = 1e30; // values are clipped here, so that squares stay finite

    readonly ScoreOptions _options;
    readonly byte[] _scratch;
    readonly bool _full;

    /// <summary>A scorer with these settings.</summary>
    public AnomalyScorer(ScoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _full = options.Profile == SeriesProfile.Full;
        _scratch = new byte[LeanBytes + (_full ? Unsafe.SizeOf<FullState>() : 0)];
    }

    /// <summary>Bytes a series needs.</summary>
    public int StateBytes => _scratch.Length;

    /// <summary>Prepares a series' zeroed state.</summary>
    public void Initialize(Span<byte> state) => state[..StateBytes].Clear();

    /// <summary>Scores a closed step and learns from it. No look-ahead, no allocation; any finite value is safe.</summary>
    public StepScore Score(Span<byte> state, in StepEvidence evidence)
    {
        if (evidence.Muted || evidence.Wild)
        {
            // Scored as it would have been, on a copy: neither leaves a trace in the series' history.
            state[..StateBytes].CopyTo(_scratch);
            var score = ScoreAndLearn(_scratch, evidence);
            return evidence.Muted ? score with { IsAnomaly = false, AlarmScore = 0 } : score;
        }

        return ScoreAndLearn(state, evidence);
    }

    static ref FullState Full(Span<byte> state) => ref MemoryMarshal.AsRef<FullState>(state[LeanBytes..]);

    static int LeanBytes => (Unsafe.SizeOf<LeanState>() + 7) & ~7;

    StepScore ScoreAndLearn(Span<byte> state, in StepEvidence evidence)
    {
        ref var s = ref MemoryMarshal.AsRef<LeanState>(state);
        var alarmsPerStep = _options.AlarmsPerStep(evidence.Time.StepSeconds);
        var missing = s.Missing.Observe(evidence.Missing);
        if (evidence.Missing)
        {
            return MissingStep(ref s, missing, alarmsPerStep, _options.MergeGapOf(evidence.Time.StepSeconds));
        }

        var x = Math.Clamp(double.IsFinite(evidence.Value) ? evidence.Value : 0, -Largest, Largest);
        var steps = s.Steps;
        if (steps == 0)
        {
            (s.Slow, s.Usual, s.Fast, s.Middle, s.Mean) = (x, x, x, x, x);
        }

        var deviation = Math.Sqrt(s.Variance);
        var signs = Signs.Of(ref s, x, deviation, evidence);
        var step = NoveltyStep.Next(ref s.Clock, steps);
        var novelty = new NoveltySigns(
            s.Shape.Observe(x, steps, s.Mean, deviation),
            s.Level.Observe(x, step),
            _full
                ? Full(state).Hours.Observe(x, evidence.Time.SecondOfDay, s.Mean, deviation, step)
                : s.ProfileNovelty.Observe(x - s.Profile.At(evidence.Time.SecondOfDay, s.Mean), step),
            s.Trend.Observe(s.Middle, step));

        var extra = _full ? Full(state).Observe(x, steps, s.Blocks, step) : ExtraEvidence.None;
        var noneRest = default(RestingKinds);
        ref var resting = ref _full ? ref Full(state).Resting : ref noneRest;
        var joint = steps < Blind ? default : Joint(ref s, signs, novelty, extra, resting.Parts);
        var strongest = steps < _options.WarmUp ? default : StrongestOf(ref s, signs, novelty, extra);
        var rarity = strongest.Rarity;
        var excess = s.Threshold.Excess(rarity, alarmsPerStep);
        var rare = rarity > 0 && excess >= 0;
        var marked = rare && (strongest.Kind == EvidenceKind.FlatLine || Counts(signs, x, evidence)) && !IsEcho(s, x, strongest.Kind);
        var pValue = PValue(ref s, signs, evidence.HasForecast);
        var alarm = Alarm(ref s, ref resting, joint);
        if (steps >= _options.WarmUp)
        {
            s.Threshold.Observe(rare, alarmsPerStep, _options.MergeGapOf(evidence.Time.StepSeconds));
        }

        Learn(ref s, x, deviation, signs, novelty, evidence);
        return new StepScore(
            Math.Min(1, Math.Max(joint.Rarity, rarity) / FullScore), alarm, pValue, marked, strongest.Kind, rarity, excess)
        {
            Second = strongest.Second,
        };
    }

    StepScore MissingStep(ref LeanState s, float rarity, float alarmsPerStep, int mergeGap)
    {
        rarity = s.Steps < _options.WarmUp ? 0 : rarity;
        var excess = s.Threshold.Excess(rarity, alarmsPerStep);
        var marked = rarity > 0 && excess >= 0;
        if (s.Steps >= _options.WarmUp)
        {
            s.Threshold.Observe(marked, alarmsPerStep, mergeGap);
        }

        return new StepScore(
            Math.Min(1, rarity / FullScore), 0, 1, marked, EvidenceKind.MissingData, rarity, excess);
    }

    /// <summary>Whether the deviation goes the way, and as far, as the settings ask for.</summary>
    bool Counts(in Signs signs, double x, in StepEvidence evidence)
    {
        var fromForecast = evidence.HasForecast ? x - evidence.Forecast.Yhat : signs.FromLevel;
        var deviation = Math.Abs(fromForecast) >= Math.Abs(signs.FromLevel) ? fromForecast : signs.FromLevel;
        return Math.Abs(deviation) >= _options.MinimumDeviation && _options.Direction switch
        {
            AlarmDirection.Up => deviation > 0,
            AlarmDirection.Down => deviation < 0,
            _ => true,
        };
    }

    /// <summary>Whether the step is back at what was usual before an alarm: the means, and the forecast made for it, still hold the
    /// alarm's values, and it is those that it is far from.</summary>
    static bool IsEcho(in LeanState s, double x, EvidenceKind strongest) =>
        strongest is EvidenceKind.Spike or EvidenceKind.Burst or EvidenceKind.Residual
        && Math.Abs(x - s.Usual) < 0.5 * Math.Max(Math.Abs(s.Slow - s.Usual), Math.Abs(s.Fast - s.Usual));

    static double PValue(ref LeanState s, in Signs signs, bool hasForecast)
    {
        if (!hasForecast)
        {
            return 1;
        }

        var counted = s.Residuals.PValue(Math.Abs(signs.Residual));
        return counted > 0.01
            ? counted
            : Math.Min(counted, Math.Pow(10, -Signed(s.ResidualUp, s.ResidualDown, signs.Residual, s.Blocks, 1)));
    }
}
