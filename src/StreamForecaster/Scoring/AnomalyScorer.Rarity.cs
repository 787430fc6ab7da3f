using System.Runtime.Intrinsics;

namespace StreamForecaster.Scoring;

/// <content>Evidence made into rarities, and rarities into one.</content>
public sealed partial class AnomalyScorer
{
    const float HoldFrom = 3.2f;        // the joint rarity that silences the alarm score, for HoldSteps
    const float AlarmStep = HoldFrom / 4;
    const byte HoldSteps = 40;
    const float BurstPart = 0.92f;      // of a burst, and of a change of variance, in the joint rarity: not enough for an
    const float VolatilityPart = 0.9f;  // alarm alone, but in company
    const float KindsOfEvidence = 0.6f; // log₁₀ 4: up to nine kinds looked at, of which about four are independent
    const float ShapeShare = 1 / 3f;    // shapes overlap for 24 steps, novelty is averaged over 60 to 200: so many
    internal const float NoveltyShare = 1 / 8f;  // blocks tell one thing

    // Places in the joint rarity of what lasts: changes of variance, level, time of day, trend.
    const int VolatilityPlace = 2;
    const int LevelPlace = 4;
    const int TrendPlace = 6;

    /// <summary>The p-norm (p = 8) of the counted rarities, (Σ r⁸ / 3)^⅛.</summary>
    static JointRarity Joint(ref LeanState s, in Signs signs, in NoveltySigns novelty, in ExtraEvidence extra, Vector256<float> parts)
    {
        var counts = Vector256.Create(
            signs.Spike >= 0 ? s.SpikeUp.Count(signs.Spike, s.Blocks) : s.SpikeDown.Count(-signs.Spike, s.Blocks),
            signs.Burst >= 0 ? s.BurstUp.Count(signs.Burst, s.Blocks) : s.BurstDown.Count(-signs.Burst, s.Blocks),
            extra.VolatilityCount,
            s.ShapeTail.Count(novelty.Shape, s.Blocks),
            s.LevelTail.Count(novelty.Level, s.Blocks),
            s.ProfileTail.Count(novelty.Profile, s.Blocks),
            s.TrendTail.Count(novelty.Trend, s.Blocks),
            float.MaxValue);
        var decades = Vector256.Create(Decades.Log10(BlockTail.BlockSteps * BlockTail.Seen(s.Blocks))) - Decades.Log10(counts);
        var kinds = Vector256.Max(decades, Vector256<float>.Zero) * Vector256.Create(1, BurstPart, VolatilityPart, 1, 1, 1, 1, 0) * parts;
        var r = kinds * kinds;
        r *= r;
        r *= r;

        // The same order of summation on every machine.
        var sums = r.GetLower() + r.GetUpper();
        return new JointRarity(MathF.Sqrt(MathF.Sqrt(MathF.Sqrt((sums[0] + sums[1] + (sums[2] + sums[3])) / 3))), kinds);
    }

    static Strongest StrongestOf(ref LeanState s, in Signs signs, in NoveltySigns novelty, in ExtraEvidence extra)
    {
        Strongest best = default;
        var share = s.Correlation.IndependentShare;
        best.Consider(EvidenceKind.Spike, Signed(s.SpikeUp, s.SpikeDown, signs.Spike, s.Blocks, share));
        best.Consider(EvidenceKind.Burst, Signed(s.BurstUp, s.BurstDown, signs.Burst, s.Blocks, share));
        best.Consider(EvidenceKind.Residual, Signed(s.ResidualUp, s.ResidualDown, signs.Residual, s.Blocks, 1));
        best.Consider(EvidenceKind.FlatLine, extra.FlatLine);
        if (s.Steps >= 2 * Blind)
        {
            best.Consider(EvidenceKind.Volatility, extra.Volatility);
            best.Consider(EvidenceKind.Shape, s.ShapeTail.CalibratedRarity(novelty.Shape, s.Blocks, ShapeShare));
            best.Consider(EvidenceKind.Level, s.LevelTail.CalibratedRarity(novelty.Level, s.Blocks, NoveltyShare));
            best.Consider(EvidenceKind.Profile, s.ProfileTail.CalibratedRarity(novelty.Profile, s.Blocks, NoveltyShare));
            best.Consider(EvidenceKind.Trend, s.TrendTail.CalibratedRarity(novelty.Trend, s.Blocks, NoveltyShare));
        }

        return best;
    }

    static float Signed(in BlockTail up, in BlockTail down, float sign, float blocks, float share) =>
        sign >= 0 ? up.CalibratedRarity(sign, blocks, share) : down.CalibratedRarity(-sign, blocks, share);

    static double Alarm(ref LeanState s, ref RestingKinds resting, JointRarity joint)
    {
        resting.Advance();
        if (s.Hold > 0)
        {
            s.Hold--;
            return 0;
        }

        // In coarse steps, one of which is the alarm that silences: between two thresholds that both lie a little above it, only chance decides.
        if (joint.Rarity >= HoldFrom)
        {
            s.Hold = HoldSteps;
            if (joint.Largest is VolatilityPlace or (>= LevelPlace and <= TrendPlace))
            {
                resting.Rest(joint.Largest);
            }
        }

        return Math.Min(1, (int)(joint.Rarity / AlarmStep) * (AlarmStep / FullScore));
    }

    /// <summary>A step's joint rarity in decades, and what of it is each kind's, by place.</summary>
    readonly record struct JointRarity(float Rarity, Vector256<float> Kinds)
    {
        /// <summary>The place of the kind that weighs most.</summary>
        internal int Largest
        {
            get
            {
                var largest = 0;
                for (var place = 1; place < Vector256<float>.Count; place++)
                {
                    largest = Kinds[place] > Kinds[largest] ? place : largest;
                }

                return largest;
            }
        }
    }

    /// <summary>The two kinds of evidence that are rarest.</summary>
    struct Strongest
    {
        float _first;
        float _second;
        EvidenceKind _secondKind;

        /// <summary>The rarest kind.</summary>
        internal EvidenceKind Kind { get; private set; }

        /// <summary>Its decades, less what looking at several kinds costs.</summary>
        internal readonly float Rarity => MathF.Max(0, _first - KindsOfEvidence);

        /// <summary>The kind after it, where it says enough to be named.</summary>
        internal readonly EvidenceKind Second => _second >= _first / 2 ? _secondKind : EvidenceKind.None;

        internal void Consider(EvidenceKind kind, float rarity)
        {
            if (rarity > _first)
            {
                (_second, _secondKind) = (_first, Kind);
                (_first, Kind) = (rarity, kind);
            }
            else if (rarity > _second)
            {
                (_second, _secondKind) = (rarity, kind);
            }
        }
    }
}
