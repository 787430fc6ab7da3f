using System.Runtime.CompilerServices;
namespace StreamForecaster.Forecasting;

/// <summary>
/// The forecasts whose targets have not arrived: for each horizon h a ring of h records, so that the record written for
/// a target is the one met when its step closes.
/// </summary>
/// <remarks>A record: yhat (not a number: none), the widths below and above as a pair of bfloat16, stored experts (lean: pairs of bfloat16), mixers, scales; all
/// changes from the origin's value.</remarks>
sealed class PendingForecasts
{
    public const int Widths = 1;

    const int FirstExpert = 2;

    readonly int _experts;
    readonly bool _halved;
    readonly int _recordLength;

    public PendingForecasts(int horizons, int experts, bool halved, int mixers, int scales)
    {
        Horizons = horizons;
        (_experts, _halved) = (experts, halved);
        FirstMixer = FirstExpert + (halved ? (experts + 1) / 2 : experts);
        FirstScale = FirstMixer + mixers;
        _recordLength = FirstScale + scales;
        StateLength = horizons * (horizons + 1) / 2 * _recordLength;
    }

    public int Horizons { get; }

    public int StateLength { get; }

    public int FirstMixer { get; }

    public int FirstScale { get; }

    public void Initialize(Span<float> state)
    {
        for (var i = 0; i < StateLength; i += _recordLength)
        {
            state[i] = float.NaN;
        }
    }

    /// <summary>The record of the forecast for a target step, made a horizon before it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<float> To(Span<float> state, int horizon, long target) => state.Slice(At(horizon, target), _recordLength);

    /// <inheritdoc cref="To(Span{float}, int, long)"/>
    public ReadOnlySpan<float> To(ReadOnlySpan<float> state, int horizon, long target) => state.Slice(At(horizon, target), _recordLength);

    /// <summary>Keeps the stored experts' forecasts in a record; the mixture is made from what the record gives back.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Keep(Span<float> record, ReadOnlySpan<float> experts)
    {
        if (!_halved)
        {
            experts.CopyTo(record[FirstExpert..]);
            return;
        }

        for (var i = 0; i < experts.Length; i += 2)
        {
            record[FirstExpert + (i / 2)] = Brain16.Pack(experts[i], i + 1 < experts.Length ? experts[i + 1] : 0);
        }
    }

    /// <summary>The stored experts' forecasts of a record.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Experts(ReadOnlySpan<float> record, Span<float> experts)
    {
        if (!_halved)
        {
            record.Slice(FirstExpert, _experts).CopyTo(experts);
            return;
        }

        for (var i = 0; i < _experts; i += 2)
        {
            var (first, second) = Brain16.Unpack(record[FirstExpert + (i / 2)]);
            experts[i] = first;
            if (i + 1 < _experts)
            {
                experts[i + 1] = second;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    int At(int horizon, long target) => ((horizon * (horizon - 1) / 2) + (int)(target % horizon)) * _recordLength;
}
