using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using StreamForecaster.Grouping;

namespace StreamForecaster.Forecasting;

/// <summary>
/// The weights of the experts for one horizon group: three mixers of different memory under one Bernstein mixer that
/// weighs them (full), or one Bernstein mixer (lean). All learn from the gradient of the loss in units of the mixture's
/// own usual error: of Huber's loss, nearly the absolute one, so that no few large errors choose the experts; the mixer
/// of the longest memory, which they hardly move, of the squared loss.
/// </summary>
sealed class MixtureWeights
{
    const float BernsteinDiscount = 0.9995f;

    /// <summary>Of the lean profile's only mixer: a quarter of a thousand steps, so that it adapts in tens of them. A longer memory is worth more where nothing
    /// changes, which full's other mixers are free to have.</summary>
    const float OnlyDiscount = 0.996f;

    const float RecentDiscount = 0.99f;
    const float TopDiscount = 0.998f;

    /// <summary>Where Huber's loss turns from square to line, in usual errors.</summary>
    const float HuberTurn = 0.5f;

    /// <summary>Where the loss of the mixer of the longest memory does.</summary>
    const float SquaredTurn = 20;

    /// <summary>An expert this many usual errors away from the mixture counts as no further.</summary>
    const float Farthest = 4;

    /// <summary>The top mixer's vectors: three mixers and a pad.</summary>
    const int TopLength = 4;

    readonly int _experts;
    readonly float _logExperts;
    readonly float _logMixers = MathF.Log(3);
    readonly float[] _gains;
    readonly float[] _weights;
    readonly float[] _topGains = new float[TopLength];
    readonly float[] _topForecasts = [float.NaN, float.NaN, float.NaN, float.NaN];
    readonly float[] _topWeights = new float[TopLength];
    int _rounds;

    public MixtureWeights(ExpertRoster roster, SeriesProfile profile)
    {
        _experts = roster.Padded;
        _logExperts = MathF.Log(roster.Count);
        Mixers = profile == SeriesProfile.Full ? 3 : 1;
        _gains = new float[Mixers * _experts];
        _weights = new float[Mixers * _experts];
        _topWeights[0] = 1;
    }

    public int Mixers { get; }

    /// <summary>Floats of state for one horizon group.</summary>
    public int StateLength => (Mixers * 2 * _experts) + (Mixers > 1 ? 2 * TopLength : 0);

    /// <summary>Begins the round of one group: the horizons whose targets have now arrived are added to it.</summary>
    public void Begin()
    {
        _rounds = 0;
        SmallVectors.Clear(_gains);
        SmallVectors.Clear(_topGains);
    }

    /// <summary>Adds one horizon: what was forecast for the target by experts (not a number: asleep), mixers and the mixture.</summary>
    public void Add(ReadOnlySpan<float> experts, ReadOnlySpan<float> mixers, float mixture, float target, float usualError)
    {
        _rounds++;
        var scale = 1 / MathF.Max(usualError, 1e-30f);
        if (Mixers == 1)
        {
            AddGains(_gains, experts, mixture, target, scale, HuberTurn, Farthest);
            return;
        }

        AddGains(_gains.AsSpan(0, _experts), experts, mixers[0], target, scale, HuberTurn, Farthest);
        AddGains(_gains.AsSpan(_experts, _experts), experts, mixers[1], target, scale, HuberTurn, Farthest);
        AddGains(_gains.AsSpan(2 * _experts, _experts), experts, mixers[2], target, scale, SquaredTurn, SquaredTurn);
        mixers.CopyTo(_topForecasts);
        AddGains(_topGains, _topForecasts, mixture, target, scale, HuberTurn, Farthest);
    }

    /// <summary>Ends the round.</summary>
    public void Learn(Span<float> state)
    {
        if (_rounds == 0)
        {
            return;
        }

        Average(_gains);
        BernsteinWeights.Learn(Regret(state, 0), Variance(state, 0), _gains.AsSpan(0, _experts), Mixers > 1 ? BernsteinDiscount : OnlyDiscount, _logExperts);
        if (Mixers > 1)
        {
            Average(_topGains);
            PolynomialWeights.Learn(Regret(state, 1), Variance(state, 1), _gains.AsSpan(_experts, _experts), RecentDiscount);
            PolynomialWeights.Learn(Regret(state, 2), Variance(state, 2), _gains.AsSpan(2 * _experts, _experts), 1);
            var top = state[^(2 * TopLength)..];
            BernsteinWeights.Learn(top[..TopLength], top[TopLength..], _topGains, TopDiscount, _logMixers);
        }
    }

    /// <summary>
    /// The weights a group's next forecasts are made with, given how much each expert is to be heard (0: asleep).
    /// Good until the next call.
    /// </summary>
    public void Weigh(Span<float> state, ReadOnlySpan<float> hearing)
    {
        BernsteinWeights.Fill(Regret(state, 0), Variance(state, 0), Of(0), _logExperts);
        Hear(Of(0), hearing);
        if (Mixers > 1)
        {
            PolynomialWeights.Fill(Regret(state, 1), Variance(state, 1), Of(1));
            PolynomialWeights.Fill(Regret(state, 2), Variance(state, 2), Of(2));
            Hear(Of(1), hearing);
            Hear(Of(2), hearing);
            var top = state[^(2 * TopLength)..];
            BernsteinWeights.Fill(top[..TopLength], top[TopLength..], _topWeights, _logMixers);
            _topWeights[Mixers] = 0;
            var sum = _topWeights[0] + _topWeights[1] + _topWeights[2];
            SmallVectors.Scale(_topWeights, 1 / sum);
        }
    }

    /// <summary>What the mixers and the mixture make of the experts' forecasts (0 where asleep), by the weights of the last Weigh.</summary>
    public float Mix(ReadOnlySpan<float> experts, Span<float> mixers)
    {
        var mixture = 0f;
        for (var m = 0; m < Mixers; m++)
        {
            mixers[m] = SmallVectors.Dot(Of(m), experts);
            mixture += _topWeights[m] * mixers[m];
        }

        return mixture;
    }

    /// <summary>What each expert weighs in the forecast by the last Weigh, its leader's share included.</summary>
    public void Total(Lead lead, Span<float> weights)
    {
        weights.Clear();
        for (var m = 0; m < Mixers; m++)
        {
            SmallVectors.AddScaled(weights, (1 - lead.Share) * _topWeights[m], Of(m));
        }

        weights[lead.Expert] += lead.Share;
    }

    /// <summary>The expert that weighs most by the last Weigh.</summary>
    public byte Heaviest()
    {
        if (Mixers == 1)
        {
            return (byte)System.Numerics.Tensors.TensorPrimitives.IndexOfMax<float>(_weights);
        }

        var (heaviest, most) = (0, -1f);
        for (var k = 0; k < _experts; k++)
        {
            var weight = 0f;
            for (var m = 0; m < Mixers; m++)
            {
                weight += _topWeights[m] * _weights[(m * _experts) + k];
            }

            if (weight > most)
            {
                (heaviest, most) = (k, weight);
            }
        }

        return (byte)heaviest;
    }

    /// <summary>Puts one expert where an untried one is: for a model that replaces another.</summary>
    public void Forget(Span<float> state, int expert)
    {
        for (var m = 0; m < Mixers; m++)
        {
            Regret(state, m)[expert] = 0;
            Variance(state, m)[expert] = 0;
        }
    }

    /// <summary>A forecast that is not a number gains nothing. Lengths are multiples of 4.</summary>
    static void AddGains(
        Span<float> gains, ReadOnlySpan<float> forecasts, float mixture, float target, float scale, float turn, float farthest)
    {
        ref var to = ref MemoryMarshal.GetReference(gains);
        ref var from = ref MemoryMarshal.GetReference(forecasts[..gains.Length]);
        var gradient = Vector128.Create(2 * Math.Clamp((mixture - target) * scale, -turn, turn));
        var limit = Vector128.Create(farthest);
        for (nuint k = 0; k < (nuint)gains.Length; k += 4)
        {
            var forecast = Vector128.LoadUnsafe(ref from, k);
            var ahead = Vector128.Min(Vector128.Max((Vector128.Create(mixture) - forecast) * scale, -limit), limit);
            var gain = Vector128.BitwiseAnd(gradient * ahead, Vector128.Equals(forecast, forecast));
            (Vector128.LoadUnsafe(ref to, k) + gain).StoreUnsafe(ref to, k);
        }
    }

    static void Hear(Span<float> weights, ReadOnlySpan<float> hearing)
    {
        ref var to = ref MemoryMarshal.GetReference(weights);
        ref var heard = ref MemoryMarshal.GetReference(hearing[..weights.Length]);
        var sum = 0f;
        for (nuint k = 0; k < (nuint)weights.Length; k += 4)
        {
            var weight = Vector128.LoadUnsafe(ref to, k) * Vector128.LoadUnsafe(ref heard, k);
            weight.StoreUnsafe(ref to, k);
            sum = sum + weight[0] + weight[1] + weight[2] + weight[3];
        }

        if (!(sum > 1e-30f) || !float.IsFinite(sum))
        {
            weights.Clear();
            weights[0] = 1;
            return;
        }

        SmallVectors.Scale(weights, 1 / sum);
    }

    void Average(Span<float> gains)
    {
        if (_rounds > 1)
        {
            SmallVectors.Scale(gains, 1f / _rounds);
        }
    }

    Span<float> Of(int mixer) => _weights.AsSpan(mixer * _experts, _experts);

    Span<float> Regret(Span<float> state, int mixer) => state.Slice(mixer * 2 * _experts, _experts);

    Span<float> Variance(Span<float> state, int mixer) => state.Slice(((mixer * 2) + 1) * _experts, _experts);
}
