using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamForecaster.Forecasting;

/// <summary>
/// A band made of many: one about every expert's forecast, as wide as that expert's own errors, and one about the mixture's for each guess
/// of its errors' scale. As the forecast is hardly worse than the best expert's, so the band is hardly wider than the best expert's own:
/// where the mixture follows one that is mostly right and sometimes far off (bursts about a level, a sawtooth whose fall a season
/// foretells on the wrong day), the band keeps to those that are never far off.
/// </summary>
/// <remarks>State: for each horizon the scales of the experts' errors; for each group the lower end, the upper end. The candidates of an
/// end are the experts, padded, the mixture's scales and a pad.</remarks>
sealed class ExpertBands
{
    /// <summary>The mixture's own scales among the candidates.</summary>
    public const int OwnScales = 3;

    const float ScaleRate = 1f / 50;

    /// <summary>A mixture with smaller errors has made none: there is no unit for losses.</summary>
    const float LeastError = 1e-30f;

    readonly int _horizons;
    readonly int _experts;
    readonly float _reach;
    readonly BandEnd _lower;
    readonly BandEnd _upper;
    readonly float[] _awake;
    readonly float[] _differences;
    readonly float[] _scales;

    /// <param name="roster">The experts.</param>
    /// <param name="horizons">Forecasts reach 1..this many steps ahead.</param>
    /// <param name="groups">Of horizons.</param>
    /// <param name="missRate">The share of the points that is to lie beyond each end.</param>
    /// <param name="reach">A width is this many mean absolute errors, times its factor.</param>
    public ExpertBands(ExpertRoster roster, int horizons, int groups, float missRate, float reach)
    {
        (_horizons, _experts, _reach) = (horizons, roster.Padded, reach);
        var candidates = _experts + OwnScales + 1;
        _lower = new BandEnd(candidates, -1, missRate);
        _upper = new BandEnd(candidates, 1, missRate);
        _awake = new float[candidates];
        _awake.AsSpan(_experts, OwnScales).Fill(1);
        _differences = new float[candidates];
        _scales = new float[candidates];
        StateLength = (horizons * _experts) + (groups * 2 * _lower.StateLength);
    }

    public int StateLength { get; }

    public void Initialize(Span<float> state)
    {
        for (var i = _horizons * _experts; i < StateLength; i += _lower.StateLength)
        {
            _lower.Initialize(state.Slice(i, _lower.StateLength));
        }
    }

    /// <summary>Puts one expert where an untried one is: level with the mixture.</summary>
    public void Forget(Span<float> state, int expert)
    {
        for (var i = _horizons * _experts; i < StateLength; i += _lower.StateLength)
        {
            _lower.Forget(state.Slice(i, _lower.StateLength), expert, _experts);
        }
    }

    /// <summary>The weights of a group's next bands, given how much each expert is heard (0: asleep). Good until the next call.</summary>
    public void Weigh(Span<float> state, int group, ReadOnlySpan<float> hearing)
    {
        hearing.CopyTo(_awake);
        _lower.Weigh(Lower(state, group), _awake);
        _upper.Weigh(Upper(state, group), _awake);
    }

    /// <summary>The widths of a band; an expert that is asleep may have forecast any number. All widths are multiplied by the factors.</summary>
    public BandWidths Widths(Span<float> state, in BandBasis basis, BandWidths factors)
    {
        TensorPrimitives.Subtract(basis.Experts, basis.Forecast, _differences);
        _differences.AsSpan(_experts).Clear();
        ScalesOf(Usual(state, basis.Horizon), basis.Scales);
        return new BandWidths(
            _lower.Reach(Lower(state, basis.Group), _differences, _scales, factors.Below),
            _upper.Reach(Upper(state, basis.Group), _differences, _scales, factors.Above));
    }

    /// <summary>Begins the round of one group.</summary>
    public void Begin()
    {
        _lower.Begin();
        _upper.Begin();
    }

    /// <summary>Adds one horizon whose target has arrived.</summary>
    /// <param name="state">The state.</param>
    /// <param name="basis">As issued; an expert that was asleep forecast not a number.</param>
    /// <param name="target">What came.</param>
    /// <param name="widths">As issued.</param>
    /// <param name="usualError">The mixture's, the unit of the losses.</param>
    /// <param name="early">The least rate at which a scale follows the errors: the mean of the first ones is the mean of all.</param>
    public void Add(Span<float> state, in BandBasis basis, float target, BandWidths widths, float usualError, float early)
    {
        var error = target - basis.Forecast;
        TensorPrimitives.Subtract(target, basis.Experts, _differences);
        _differences.AsSpan(_experts).Fill(error);
        var usual = Usual(state, basis.Horizon);
        ScalesOf(usual, basis.Scales);
        if (usualError > LeastError)
        {
            _lower.Add(Lower(state, basis.Group), basis.Horizon, _differences, _scales, -error - widths.Below, usualError);
            _upper.Add(Upper(state, basis.Group), basis.Horizon, _differences, _scales, error - widths.Above, usualError);
        }

        Follow(usual, MathF.Max(ScaleRate, early));
    }

    /// <summary>Ends a group's round.</summary>
    public void Learn(Span<float> state, int group)
    {
        _lower.Learn(Lower(state, group));
        _upper.Learn(Upper(state, group));
    }

    void ScalesOf(ReadOnlySpan<float> usual, ReadOnlySpan<float> own)
    {
        usual.CopyTo(_scales);
        own.CopyTo(_scales.AsSpan(_experts));
        SmallVectors.Scale(_scales, _reach);
    }

    /// <summary>The experts' usual errors follow their newest ones.</summary>
    void Follow(Span<float> usual, float rate)
    {
        ref var means = ref MemoryMarshal.GetReference(usual);
        ref var errors = ref MemoryMarshal.GetArrayDataReference(_differences);
        for (nuint k = 0; k < (nuint)usual.Length; k += 4)
        {
            var mean = Vector128.LoadUnsafe(ref means, k);
            var size = Vector128.Abs(Vector128.LoadUnsafe(ref errors, k));
            var next = mean + (rate * (ErrorScale.Tame(size, mean) - mean));
            Vector128.ConditionalSelect(Vector128.Equals(size, size), next, mean).StoreUnsafe(ref means, k);
        }
    }

    Span<float> Usual(Span<float> state, int horizon) => state.Slice((horizon - 1) * _experts, _experts);

    Span<float> Lower(Span<float> state, int group) => End(state, 2 * group);

    Span<float> Upper(Span<float> state, int group) => End(state, (2 * group) + 1);

    Span<float> End(Span<float> state, int index) => state.Slice((_horizons * _experts) + (index * _lower.StateLength), _lower.StateLength);
}
