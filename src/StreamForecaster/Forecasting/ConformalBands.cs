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
/// Bands that hold a chosen share of the points: three guesses of the error's scale, weighed by their pinball loss, times
/// a factor a side that grows with every miss and shrinks with every hit (adaptive conformal inference: Gibbs and
/// Candès, NeurIPS 2021; in the multiplicative form of quantile tracking, Angelopoulos et al., NeurIPS 2023).
/// </summary>
/// <remarks>State: for each horizon slow and fast scale, factors below and above, usual error; for each group the scales' losses and 24 phases (full).</remarks>
sealed class ConformalBands
{
    public const int Scales = 3;

    const int PerHorizon = 5;
    const int Phases = 24;
    const int PerGroup = Scales + 1 + Phases;
    const float SlowRate = 1f / 250;
    const float UsualRate = 1f / 50;
    const float StepSize = 0.05f;
    const float SmallestFactor = 0.02f;
    const float LargestFactor = 50;

    /// <summary>The most that one error counts for in the choice of a scale, in slow scales: a wild one does not choose, a burst may.</summary>
    const float LargestLoss = 10;

    /// <summary>What is beyond this many slow scales is wild: it moves a scale by its geometric mean with them alone.</summary>
    const float Wild = 10;

    readonly int _horizons;
    readonly bool _full;
    readonly float _missRate;
    readonly float _reach;
    readonly float[] _fastRates;
    readonly float[] _stepSizes;
    readonly float[] _loss = new float[Scales];
    int _rounds;

    public ConformalBands(int horizons, int groups, SeriesProfile profile, double level)
    {
        _horizons = horizons;
        _full = profile == SeriesProfile.Full;
        _missRate = (float)((1 - level) / 2);

        // Twice the mean absolute error is the 90 % point of something between a normal and a Laplace distribution.
        _reach = (float)(2 * Math.Log(1 - level) / Math.Log(0.1));
        _fastRates = [.. Enumerable.Range(1, horizons).Select(horizon => 1f / (16 + horizon))];
        _stepSizes = [.. Enumerable.Range(1, horizons).Select(horizon => StepSize / MathF.Sqrt(horizon))];
        StateLength = (horizons * PerHorizon) + (_full ? groups * PerGroup : 0);
    }

    public int StateLength { get; }

    public void Initialize(Span<float> state)
    {
        for (var h = 0; h < _horizons; h++)
        {
            state[(h * PerHorizon) + 2] = 1;
            state[(h * PerHorizon) + 3] = 1;
        }

        if (_full)
        {
            for (var i = _horizons * PerHorizon; i < StateLength; i += PerGroup)
            {
                state.Slice(i + Scales + 1, Phases).Fill(1);
            }
        }
    }

    /// <summary>The running mean of the mixture's absolute error at a horizon, hardly moved by a wild one: its unit of error.</summary>
    public static float UsualError(ReadOnlySpan<float> state, int horizon) => state[((horizon - 1) * PerHorizon) + 4];

    /// <summary>The scales and the widths for a forecast; phase in [0, 1) is its target's place in the season, negative: no season.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public BandWidths Widths(ReadOnlySpan<float> state, int horizon, int group, float phase, Span<float> scales)
    {
        var own = state.Slice((horizon - 1) * PerHorizon, PerHorizon);
        var (slow, fast) = own[0] > 0 ? (own[0], (0.8f * own[1]) + (0.2f * own[0])) : Borrow(state, horizon);
        var scale = 0.5f * (slow + fast);
        if (_full)
        {
            var shared = Group(state, group);
            scales[0] = slow;
            scales[1] = fast;
            scales[2] = phase < 0 ? slow : slow * shared[Scales + 1 + (int)(phase * Phases)];
            scale = Blend(shared, scales);
        }

        return new BandWidths(own[2] * _reach * scale, own[3] * _reach * scale);
    }

    public void Begin()
    {
        _rounds = 0;
        Array.Clear(_loss);
    }

    /// <summary>Learns from one arrived target: error = target − forecast, the widths and scales as issued.</summary>
    public void Add(Span<float> state, int horizon, int group, float phase, float error, BandWidths widths, ReadOnlySpan<float> scales, int seen)
    {
        var own = state.Slice((horizon - 1) * PerHorizon, PerHorizon);
        var size = MathF.Abs(error);
        if (_full && own[0] > 0)
        {
            AddLosses(size, own[0], scales);
            if (phase >= 0)
            {
                ref var factor = ref Unsafe.Add(ref Group(state, group)[Scales + 1], (int)(phase * Phases));
                factor += 0.05f * (MathF.Min(size / own[0], 5) - factor);
            }
        }

        var early = 1f / Math.Max(1, seen - horizon);
        var tamed = Tame(size, own[0]);
        own[0] += MathF.Max(SlowRate, early) * (tamed - own[0]);
        own[1] += MathF.Max(_fastRates[horizon - 1], early) * (tamed - own[1]);
        var usual = own[4] > 0 ? MathF.Min(size, 5 * own[4]) : size;
        own[4] += MathF.Max(UsualRate, early) * (usual - own[4]);
        var step = _stepSizes[horizon - 1];
        own[2] = Follow(own[2], step, error < -widths.Below);
        own[3] = Follow(own[3], step, error > widths.Above);
    }

    /// <summary>Ends a group's round.</summary>
    public void Learn(Span<float> state, int group)
    {
        if (!_full || _rounds == 0)
        {
            return;
        }

        var losses = Group(state, group);
        for (var i = 0; i < Scales; i++)
        {
            losses[i] = (0.998f * losses[i]) + (_loss[i] / _rounds);
        }
    }

    /// <summary>
    /// An error's size as a scale takes it: one wild point in a hundred would widen the band of all, whose ends it is far beyond. Not a
    /// mere cut: after thousands of rows told exactly the scale is nothing, and has to find its size within a few.
    /// </summary>
    static float Tame(float size, float scale) =>
        scale > 0 && size > Wild * scale ? MathF.Sqrt(size) * MathF.Sqrt(Wild * scale) : size;

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

    static float Blend(ReadOnlySpan<float> losses, ReadOnlySpan<float> scales)
    {
        var least = MathF.Min(losses[0], MathF.Min(losses[1], losses[2]));
        float sum = 0, weights = 0;
        for (var i = 0; i < Scales; i++)
        {
            var weight = MathF.Exp(-0.1f * (losses[i] - least));
            sum += weight * scales[i];
            weights += weight;
        }

        return sum / weights;
    }

    void AddLosses(float size, float slow, ReadOnlySpan<float> scales)
    {
        _rounds++;
        for (var i = 0; i < Scales; i++)
        {
            var beyond = size - (_reach * scales[i]);
            var loss = beyond > 0 ? (1 - (2 * _missRate)) * beyond : -2 * _missRate * beyond;
            _loss[i] += MathF.Min(loss / slow, LargestLoss);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    float Follow(float factor, float step, bool missed) =>
        Math.Clamp(factor * (1 + (step * ((missed ? 1 : 0) - _missRate))), SmallestFactor, LargestFactor);

    Span<float> Group(Span<float> state, int group) => state.Slice((_horizons * PerHorizon) + (group * PerGroup), PerGroup);

    ReadOnlySpan<float> Group(ReadOnlySpan<float> state, int group) => state.Slice((_horizons * PerHorizon) + (group * PerGroup), PerGroup);
}
