using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StreamForecaster.Scoring;

/// <summary>
/// The kinds of evidence that have made an alarm lately, by their places in the joint rarity. What lasts goes on setting records after
/// its alarm: while a kind rests, the next one takes another kind's company. All zero at first.
/// </summary>
struct RestingKinds
{
    const ushort RestSteps = 1000;
    const float Part = 0.92f; // as a burst: not enough for an alarm alone

    Remaining _remaining;   // steps of rest, by place

    /// <summary>The kinds' parts in the joint rarity: 1, or less for those that rest.</summary>
    internal readonly Vector256<float> Parts
    {
        get
        {
            var (low, high) = Vector128.Widen(Vector128.Create<ushort>(_remaining));
            return Vector256.ConditionalSelect(
                Vector256.Equals(Vector256.Create(low, high), Vector256<uint>.Zero).AsSingle(), Vector256<float>.One, Vector256.Create(Part));
        }
    }

    /// <summary>A step has passed.</summary>
    internal void Advance() =>
        Vector128.SubtractSaturate(Vector128.Create<ushort>(_remaining), Vector128<ushort>.One).CopyTo(_remaining);

    /// <summary>The kind at this place has made an alarm.</summary>
    internal void Rest(int place) => _remaining[place] = RestSteps;

    [InlineArray(8)]
    struct Remaining
    {
        ushort _first;
    }
}
