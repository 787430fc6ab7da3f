using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamForecaster.Forecasting;

/// <summary>An expert's share in a forecast, beside the blend of all: f = blend + share · (expert − blend).</summary>
readonly record struct Lead(int Expert, float Share)
{
    /// <summary>Shares are counted in these, so that expert and share fit a byte.</summary>
    const int Parts = 16;

    /// <summary>The largest share: some of the blend stays in the forecast, which it is worked out from again.</summary>
    public const float LargestShare = (Parts - 1f) / Parts;

    public static Lead Of(byte code) => new(code / Parts, code % Parts / (float)Parts);

    public byte Code => (byte)((Expert * Parts) + (int)(Share * Parts));

    public float Forecast(float blend, float expert) => blend + (Share * (expert - blend));

    /// <summary>The blend that a forecast was made from.</summary>
    public float Blend(float forecast, float expert) => Share == 0 ? forecast : (forecast - (Share * expert)) / (1 - Share);
}

/// <summary>
/// Keeps a forecast from being worse than its best expert: where one has had a smaller absolute error than the blend of all
/// for long, by more than chance and more than a hundredth and a half of it, the forecast follows it, wholly from three
/// hundredths on. The blend is quick, learns from bounded gradients and hushes experts after a shock; on streams where that
/// is wrong again and again (levels that jump, bursts on top of a constant) this is what notices.
/// </summary>
/// <remarks>State for one horizon group: each expert's mean advantage over the blend [experts], the blend's mean absolute error, the mean
/// square of the leader's advantage.</remarks>
sealed class LeadingExpert(ExpertRoster roster)
{
    /// <summary>Rows that the means remember, at most.</summary>
    const float Memory = 1000;

    /// <summary>No row counts for more than this many of the blend's mean errors: else a wild one would blind the means for all their memory.</summary>
    const float LargestAdvantage = 50;

    /// <summary>The share begins at this advantage, in the leader's own mean errors, and is whole at the second.</summary>
    const float LeastAdvantage = 0.015f;

    const float FullAdvantage = 0.03f;

    const int WarmUp = 30;

    readonly int _experts = roster.Padded;
    readonly float[] _advantages = new float[roster.Padded];
    float _error;
    int _rounds;

    public int StateLength => _experts + 2;

    /// <summary>Begins the round of one group: the horizons whose targets have now arrived are added to it.</summary>
    public void Begin()
    {
        _rounds = 0;
        _error = 0;
        SmallVectors.Clear(_advantages);
    }

    /// <summary>Adds one horizon: what experts (not a number: asleep; the length a multiple of 4) and blend forecast for the target.</summary>
    public void Add(ReadOnlySpan<float> experts, float blend, float target)
    {
        _rounds++;
        var error = MathF.Abs(blend - target);
        _error += error;
        ref var from = ref MemoryMarshal.GetReference(experts[.._experts]);
        ref var to = ref MemoryMarshal.GetArrayDataReference(_advantages);
        for (nuint k = 0; k < (nuint)_experts; k += 4)
        {
            var advantage = Vector128.Create(error) - Vector128.Abs(Vector128.LoadUnsafe(ref from, k) - Vector128.Create(target));
            advantage = Vector128.BitwiseAnd(advantage, Vector128.Equals(advantage, advantage));
            (Vector128.LoadUnsafe(ref to, k) + advantage).StoreUnsafe(ref to, k);
        }
    }

    /// <summary>Ends the round; seen counts the series' values.</summary>
    public void Learn(Span<float> state, int seen)
    {
        if (_rounds == 0)
        {
            return;
        }

        var rate = MathF.Max(1 / Memory, 1f / seen);
        ref var usual = ref state[_experts];
        var limit = usual > 0 && seen > WarmUp ? LargestAdvantage * usual : 1e35f;
        var leader = First(state);
        var own = Math.Clamp(_advantages[leader] / _rounds, -limit, limit);
        state[_experts + 1] += rate * ((own * own) - state[_experts + 1]);
        usual += rate * (MathF.Min(_error / _rounds, limit) - usual);
        ref var means = ref MemoryMarshal.GetReference(state);
        ref var newest = ref MemoryMarshal.GetArrayDataReference(_advantages);
        for (nuint k = 0; k < (nuint)_experts; k += 4)
        {
            var mean = Vector128.LoadUnsafe(ref means, k);
            var advantage = Vector128.LoadUnsafe(ref newest, k) / _rounds;
            advantage = Vector128.Min(Vector128.Max(advantage, Vector128.Create(-limit)), Vector128.Create(limit));
            (mean + (rate * (advantage - mean))).StoreUnsafe(ref means, k);
        }
    }

    /// <summary>Who leads the forecasts that are made now, given who answers (0: asleep).</summary>
    public Lead Choose(ReadOnlySpan<float> state, ReadOnlySpan<float> hearing, int seen)
    {
        var leader = First(state);
        var advantage = state[leader];
        if (!(advantage > 0) || hearing[leader] == 0 || seen <= WarmUp)
        {
            return default;
        }

        // One row alone, however wild, has a deviation as large as its mean.
        var sure = advantage - MathF.Sqrt(state[_experts + 1] / MathF.Min(seen, Memory));
        var error = MathF.Max(state[_experts] - advantage, 1e-6f * state[_experts]);
        var share = ((sure / error) - LeastAdvantage) / (FullAdvantage - LeastAdvantage);
        return share > 0 ? Lead.Of(new Lead(leader, MathF.Min(share, Lead.LargestShare)).Code) : default;
    }

    /// <summary>Puts one expert where an untried one is.</summary>
    public static void Forget(Span<float> state, int expert) => state[expert] = 0;

    int First(ReadOnlySpan<float> state) => System.Numerics.Tensors.TensorPrimitives.IndexOfMax(state[..roster.Count]);
}
