using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamForecaster.Forecasting;

/// <summary>
/// One end of a band, mixed from those of candidates: exponential weights by their pinball losses at this end (Berrisch and Ziel, "CRPS
/// learning", Journal of Econometrics 237, 2023, mix quantile forecasts like that). A candidate's end lies a width beyond its forecast, the
/// scale of its errors times a factor that grows with every miss and shrinks with every hit.
/// </summary>
/// <remarks>State for one horizon group: the candidates' losses and factors. Vectors are of all candidates, their length a multiple of 4.</remarks>
/// <param name="candidates">Their number.</param>
/// <param name="side">−1: the lower end, 1: the upper one.</param>
/// <param name="missRate">The share of the points that is to lie beyond the end.</param>
sealed class BandEnd(int candidates, float side, float missRate)
{
    /// <summary>A tenth of the whole band's, whose factors hold the share: the candidates' errors have scales that adapt, and weights.</summary>
    const float StepSize = 0.005f;

    const float Discount = 0.998f;

    /// <summary>The most that one error counts for, in the mixture's usual errors: a wild one does not choose, a burst may.</summary>
    const float LargestLoss = 10;

    readonly float[] _weights = new float[candidates];
    readonly float[] _round = new float[candidates];
    int _rounds;

    public int StateLength => 2 * candidates;

    public void Initialize(Span<float> state) => state[candidates..].Fill(1);

    /// <summary>Puts one candidate where an untried one is: level with another.</summary>
    public void Forget(Span<float> state, int candidate, int level) => (state[candidate], state[candidates + candidate]) = (state[level], 1);

    /// <summary>The weights of a group's next bands, given who answers (0: asleep). Good until the next call.</summary>
    public void Weigh(Span<float> state, ReadOnlySpan<float> awake)
    {
        ref var losses = ref MemoryMarshal.GetReference(state[..candidates]);
        ref var heard = ref MemoryMarshal.GetReference(awake[..candidates]);
        ref var weights = ref MemoryMarshal.GetArrayDataReference(_weights);
        var least = Vector128.Create(float.PositiveInfinity);
        for (nuint k = 0; k < (nuint)candidates; k += 4)
        {
            // The loss of one that is asleep is endless.
            var asleep = Vector128.Equals(Vector128.LoadUnsafe(ref heard, k), Vector128<float>.Zero);
            var loss = Vector128.ConditionalSelect(asleep, Vector128.Create(float.PositiveInfinity), Vector128.LoadUnsafe(ref losses, k));
            loss.StoreUnsafe(ref weights, k);
            least = Vector128.Min(least, loss);
        }

        least = Vector128.Create(MathF.Min(MathF.Min(least[0], least[1]), MathF.Min(least[2], least[3])));
        var sum = Vector128<float>.Zero;
        for (nuint k = 0; k < (nuint)candidates; k += 4)
        {
            var weight = Vector128.Exp(least - Vector128.LoadUnsafe(ref weights, k));
            weight.StoreUnsafe(ref weights, k);
            sum += weight;
        }

        SmallVectors.Scale(_weights, 1 / (sum[0] + sum[1] + (sum[2] + sum[3])));
    }

    /// <summary>How far the end lies beyond the mixture's forecast.</summary>
    /// <param name="state">The group's.</param>
    /// <param name="ahead">The candidates' forecasts less the mixture's.</param>
    /// <param name="scales">Of their errors.</param>
    /// <param name="factor">The whole band's: all widths are multiplied by it.</param>
    public float Reach(Span<float> state, ReadOnlySpan<float> ahead, ReadOnlySpan<float> scales, float factor)
    {
        ref var factors = ref MemoryMarshal.GetReference(state.Slice(candidates, candidates));
        ref var forecasts = ref MemoryMarshal.GetReference(ahead[..candidates]);
        ref var sizes = ref MemoryMarshal.GetReference(scales[..candidates]);
        ref var weights = ref MemoryMarshal.GetArrayDataReference(_weights);
        var sum = Vector128<float>.Zero;
        for (nuint k = 0; k < (nuint)candidates; k += 4)
        {
            var width = factor * Vector128.LoadUnsafe(ref factors, k) * Vector128.LoadUnsafe(ref sizes, k);
            sum += Vector128.LoadUnsafe(ref weights, k) * ((side * Vector128.LoadUnsafe(ref forecasts, k)) + width);
        }

        return MathF.Max(0, sum[0] + sum[1] + (sum[2] + sum[3]));
    }

    /// <summary>Begins the round of one group: the horizons whose targets have now arrived are added to it.</summary>
    public void Begin()
    {
        _rounds = 0;
        Array.Clear(_round);
    }

    /// <summary>
    /// Adds one horizon, for one h-th of what one step ahead counts: the errors of h forecasts in a row that look h steps ahead share
    /// most of their steps, and those of the horizons beside it do, too.
    /// </summary>
    /// <param name="state">The group's.</param>
    /// <param name="horizon">Steps ahead.</param>
    /// <param name="errors">The candidates', target − forecast; not a number: asleep, and as good as the band itself.</param>
    /// <param name="scales">Of their errors, this one not among them.</param>
    /// <param name="beyond">How far the target lay beyond the band's own end; negative: within.</param>
    /// <param name="usualError">The mixture's, large enough to divide by.</param>
    public void Add(Span<float> state, int horizon, ReadOnlySpan<float> errors, ReadOnlySpan<float> scales, float beyond, float usualError)
    {
        _rounds++;
        ref var factors = ref MemoryMarshal.GetReference(state.Slice(candidates, candidates));
        ref var misses = ref MemoryMarshal.GetReference(errors[..candidates]);
        ref var sizes = ref MemoryMarshal.GetReference(scales[..candidates]);
        ref var round = ref MemoryMarshal.GetArrayDataReference(_round);
        var step = StepSize / horizon;
        var unit = Vector128.Create(1 / usualError);
        var part = Vector128.Create(1f / horizon);
        var grown = Vector128.Create(1 + (step * (1 - missRate)));
        var shrunk = Vector128.Create(1 - (step * missRate));
        for (nuint k = 0; k < (nuint)candidates; k += 4)
        {
            var factor = Vector128.LoadUnsafe(ref factors, k);
            var error = side * Vector128.LoadUnsafe(ref misses, k);
            var awake = Vector128.Equals(error, error);
            var outside = Vector128.ConditionalSelect(awake, error - (factor * Vector128.LoadUnsafe(ref sizes, k)), Vector128.Create(beyond));
            var loss = Vector128.Max((1 - missRate) * outside, -missRate * outside) * unit;
            (Vector128.LoadUnsafe(ref round, k) + (part * Vector128.Min(loss, Vector128.Create(LargestLoss)))).StoreUnsafe(ref round, k);
            var next = factor * Vector128.ConditionalSelect(Vector128.GreaterThan(outside, Vector128<float>.Zero), grown, shrunk);
            next = Vector128.Min(Vector128.Max(next, Vector128.Create(ConformalBands.SmallestFactor)), Vector128.Create(ConformalBands.LargestFactor));
            Vector128.ConditionalSelect(awake, next, factor).StoreUnsafe(ref factors, k);
        }
    }

    /// <summary>Ends the round.</summary>
    public void Learn(Span<float> state)
    {
        if (_rounds > 0)
        {
            SmallVectors.Scale(state[..candidates], Discount);
            SmallVectors.AddScaled(state[..candidates], 1f / _rounds, _round);
        }
    }
}
