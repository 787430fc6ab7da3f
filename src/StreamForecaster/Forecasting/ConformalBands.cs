using System.Runtime.CompilerServices;
using StreamForecaster.Grouping;

namespace StreamForecaster.Forecasting;

/// <summary>How far a band reaches to either side of its forecast.</summary>
readonly record struct BandWidths(float Below, float Above)
{
    /// <summary>From a pair of bfloat16 in the memory of one float.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BandWidths Of(float packed)
    {
        var (below, above) = Brain16.Unpack(packed);
        return new BandWidths(below, above);
    }
}

/// <summary>
/// Bands that hold a chosen share of the points: a guess of the error's scale (full: three, and the experts' own bands,
/// <see cref="ExpertBands"/>) times a factor a side that grows with every miss and shrinks with every hit (adaptive conformal inference: Gibbs
/// and Candès, NeurIPS 2021; in the multiplicative form of quantile tracking, Angelopoulos et al., NeurIPS 2023).
/// </summary>
/// <remarks>State: for each horizon slow and fast scale, factors below and above, usual error; full: for each group 24 phases, then the experts' bands.</remarks>
sealed class ConformalBands
{
    public const float SmallestFactor = 0.02f;
    public const float LargestFactor = 50;

    const int PerHorizon = 5;
    const int Phases = 24;
    const float SlowRate = 1f / 250;
    const float UsualRate = 1f / 50;
    const float StepSize = 0.05f;

    readonly int _horizons;
    readonly ExpertBands? _experts;
    readonly Part _phases;
    readonly Part _candidates;
    readonly float _missRate;
    readonly float _reach;
    readonly float[] _fastRates;
    readonly float[] _stepSizes;

    public ConformalBands(int horizons, int groups, ExpertRoster roster, SeriesProfile profile, double level)
    {
        _horizons = horizons;
        _missRate = (float)((1 - level) / 2);

        // Twice the mean absolute error is the 90 % point of something between a normal and a Laplace distribution.
        _reach = (float)(2 * Math.Log(1 - level) / Math.Log(0.1));
        _fastRates = [.. Enumerable.Range(1, horizons).Select(horizon => 1f / (16 + horizon))];
        _stepSizes = [.. Enumerable.Range(1, horizons).Select(horizon => StepSize / MathF.Sqrt(horizon))];
        _experts = profile == SeriesProfile.Full ? new ExpertBands(roster, horizons, groups, _missRate, _reach) : null;
        _phases = new Part(horizons * PerHorizon, _experts is null ? 0 : groups * Phases);
        _candidates = new Part(_phases.End, _experts?.StateLength ?? 0);
        StateLength = _candidates.End;
    }

    public int StateLength { get; }

    public void Initialize(Span<float> state)
    {
        for (var h = 0; h < _horizons; h++)
        {
            state[(h * PerHorizon) + 2] = 1;
            state[(h * PerHorizon) + 3] = 1;
        }

        _phases.Of(state).Fill(1);
        _experts?.Initialize(_candidates.Of(state));
    }

    /// <summary>Puts one expert's band where an untried one's is.</summary>
    public void Forget(Span<float> state, int expert) => _experts?.Forget(_candidates.Of(state), expert);

    /// <summary>The running mean of the mixture's absolute error at a horizon, hardly moved by a wild one: its unit of error.</summary>
    public static float UsualError(ReadOnlySpan<float> state, int horizon) => state[((horizon - 1) * PerHorizon) + 4];

    /// <summary>Before the widths of a group: how much each expert is heard in its forecasts (0: asleep).</summary>
    public void Weigh(Span<float> state, int group, ReadOnlySpan<float> hearing) => _experts?.Weigh(_candidates.Of(state), group, hearing);

    /// <summary>The widths for a forecast (lean).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public BandWidths Widths(ReadOnlySpan<float> state, int horizon)
    {
        var own = state.Slice((horizon - 1) * PerHorizon, PerHorizon);
        var (slow, fast) = Scales(state, own, horizon);
        var width = _reach * (0.5f * (slow + fast));
        return new BandWidths(own[2] * width, own[3] * width);
    }

    /// <summary>The widths for a forecast, and its scales (full).</summary>
    public BandWidths Widths(Span<float> state, in BandBasis basis)
    {
        var own = state.Slice((basis.Horizon - 1) * PerHorizon, PerHorizon);
        var (slow, fast) = Scales(state, own, basis.Horizon);
        basis.Scales[0] = slow;
        basis.Scales[1] = fast;
        basis.Scales[2] = basis.Phase < 0 ? slow : slow * PhaseOf(state, basis);
        return own[0] > 0
            ? _experts!.Widths(_candidates.Of(state), basis, new BandWidths(own[2], own[3]))
            : Widths(state, basis.Horizon);
    }

    /// <summary>Begins the round of one group: the horizons whose targets have now arrived are added to it.</summary>
    public void Begin() => _experts?.Begin();

    /// <summary>The phases and the experts' bands learn from one arrived target (full): what the band was made from, its widths as issued. Before <see cref="Add"/>.</summary>
    public void AddToExperts(Span<float> state, in BandBasis basis, float target, BandWidths widths, int seen)
    {
        var slow = state[(basis.Horizon - 1) * PerHorizon];
        _experts!.Add(_candidates.Of(state), basis, target, widths, slow, Early(seen, basis.Horizon));
        if (basis.Phase >= 0 && slow > 0)
        {
            ref var factor = ref PhaseOf(state, basis);
            factor += 0.05f * (MathF.Min(MathF.Abs(target - basis.Forecast) / slow, 5) - factor);
        }
    }

    /// <summary>Learns from one arrived target: error = target − forecast, the widths as issued.</summary>
    public void Add(Span<float> state, int horizon, float error, BandWidths widths, int seen)
    {
        var own = state.Slice((horizon - 1) * PerHorizon, PerHorizon);
        var size = MathF.Abs(error);

        // Before the first error a band has no width, and what it holds it holds whatever its factors.
        if (size == 0 && own[0] == 0)
        {
            return;
        }

        var early = Early(seen, horizon);
        var tamed = ErrorScale.Tame(size, own[0]);
        own[0] += MathF.Max(SlowRate, early) * (tamed - own[0]);
        own[1] += MathF.Max(_fastRates[horizon - 1], early) * (tamed - own[1]);
        var usual = own[4] > 0 ? MathF.Min(size, 5 * own[4]) : size;
        own[4] += MathF.Max(UsualRate, early) * (usual - own[4]);
        var step = _stepSizes[horizon - 1];
        own[2] = Follow(own[2], step, error < -widths.Below);
        own[3] = Follow(own[3], step, error > widths.Above);
    }

    /// <summary>Ends a group's round.</summary>
    public void Learn(Span<float> state, int group) => _experts?.Learn(_candidates.Of(state), group);

    /// <summary>The mean of the first errors is the mean of all.</summary>
    static float Early(int seen, int horizon) => 1f / Math.Max(1, seen - horizon);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static (float Slow, float Fast) Scales(ReadOnlySpan<float> state, ReadOnlySpan<float> own, int horizon) =>
        own[0] > 0 ? (own[0], (0.8f * own[1]) + (0.2f * own[0])) : Borrow(state, horizon);

    /// <summary>A horizon that has met no target yet takes the scale of the longest one that has, as of a random walk.</summary>
    static (float Slow, float Fast) Borrow(ReadOnlySpan<float> state, int horizon)
    {
        var known = horizon - 1;
        while (known > 0 && state[(known - 1) * PerHorizon] == 0)
        {
            known--;
        }

        var scale = known > 0 ? state[(known - 1) * PerHorizon] * MathF.Sqrt((float)horizon / known) : 0;
        return (scale, scale);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    float Follow(float factor, float step, bool missed) =>
        Math.Clamp(factor * (1 + (step * ((missed ? 1 : 0) - _missRate))), SmallestFactor, LargestFactor);

    ref float PhaseOf(Span<float> state, in BandBasis basis) =>
        ref _phases.Of(state)[(basis.Group * Phases) + (int)(basis.Phase * Phases)];
}
