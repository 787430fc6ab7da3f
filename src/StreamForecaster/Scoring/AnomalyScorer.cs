using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamForecaster.Scoring;

/// <summary>
/// Scores closed steps: evidence of several kinds, each made into a rarity against the series' own history, joined by
/// a p-norm. Holds no data of a series: that is in the span given to every call.
/// </summary>
public sealed class AnomalyScorer
{
    /// <summary>Decades of rarity at which the published score is 1.</summary>
    public const double FullScore = 5;

    const uint Blind = 150;           // steps before shape and sustained novelty say anything
    const float HoldFrom = 3.2f;      // the joint rarity that silences the alarm score, for HoldSteps
    const int HoldSteps = 40;
    const float KindsOfEvidence = 0.6f; // log₁₀ 4: eight kinds looked at, of which about four are independent
    const float ShapeShare = 1 / 3f;    // shapes overlap for 24 steps, novelty is averaged over 60 to 200: so many
    const float NoveltyShare = 1 / 8f;  // blocks tell one thing
    internal const double BurstRate = 0.2;   // a burst is seen within five steps, and a flicker of two is not one
    const float LargestSquared = 1e18f;      // squares of these fit a float
    const double Largest = 1e30;      // values are clipped here, so that squares stay finite
    internal const uint MarkedWeight = BlockTail.Unit / 4; // what an alarm saw is common only after four blocks of it

    readonly ScoreOptions _options;
    readonly byte[] _scratch = new byte[Unsafe.SizeOf<LeanState>()];

    /// <summary>A scorer with these settings.</summary>
    public AnomalyScorer(ScoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
    }

    /// <summary>Bytes a series needs.</summary>
    public int StateBytes => _scratch.Length;

    /// <summary>Prepares a series' zeroed state.</summary>
    public void Initialize(Span<byte> state) => state[..StateBytes].Clear();

    /// <summary>Scores a closed step and learns from it. No look-ahead, no allocation; any finite value is safe.</summary>
    public StepScore Score(Span<byte> state, in StepEvidence evidence)
    {
        if (evidence.Muted)
        {
            // Scored as it would have been, on a copy: maintenance leaves no trace in the series' history.
            state[..StateBytes].CopyTo(_scratch);
            var muted = Score(ref Of(_scratch), evidence);
            return muted with { IsAnomaly = false, AlarmScore = 0 };
        }

        return Score(ref Of(state), evidence);
    }

    static ref LeanState Of(Span<byte> state) => ref MemoryMarshal.AsRef<LeanState>(state);

    StepScore Score(ref LeanState s, in StepEvidence evidence)
    {
        var alarmsPerStep = (float)Math.Min(0.1, _options.FalseAlarmsPerDay * evidence.Time.StepSeconds / 86_400.0);
        var missing = s.Missing.Observe(evidence.Missing);
        if (evidence.Missing)
        {
            return MissingStep(ref s, missing, alarmsPerStep);
        }

        var x = Math.Clamp(double.IsFinite(evidence.Value) ? evidence.Value : 0, -Largest, Largest);
        var steps = s.Steps;
        if (steps == 0)
        {
            (s.Slow, s.Fast, s.Middle, s.Mean) = (x, x, x, x);
        }

        var signs = Signs.Of(ref s, x, evidence);
        var dither = Decades.Even(steps);
        var novelty = new NoveltySigns(
            s.Shape.Observe(x, steps, s.Mean, Math.Sqrt(s.Variance)),
            s.Level.Observe(x, steps, Blind, dither),
            s.ProfileNovelty.Observe(x - s.Profile.At(evidence.Time.SecondOfDay, s.Mean), steps, Blind, dither),
            s.Trend.Observe(s.Middle, steps, Blind, dither));

        var joint = steps < Blind ? 0 : Joint(ref s, signs, novelty);
        var (rarity, strongest) = steps < _options.WarmUp ? (0, EvidenceKind.None) : Strongest(ref s, signs, novelty);
        var excess = s.Threshold.Excess(rarity, alarmsPerStep);
        var rare = rarity > 0 && excess >= 0;
        var marked = rare && Counts(signs, x, evidence);
        var pValue = PValue(ref s, signs, evidence.HasForecast);
        var alarm = Alarm(ref s, joint);
        if (steps >= _options.WarmUp)
        {
            s.Threshold.Observe(rare, alarmsPerStep, _options.MergeGap);
        }

        Learn(ref s, x, signs, novelty, evidence);
        return new StepScore(
            Math.Min(1, Math.Max(joint, rarity) / FullScore), alarm, pValue, marked, strongest, rarity, excess);
    }

    StepScore MissingStep(ref LeanState s, float rarity, float alarmsPerStep)
    {
        rarity = s.Steps < _options.WarmUp ? 0 : rarity;
        var excess = s.Threshold.Excess(rarity, alarmsPerStep);
        var marked = rarity > 0 && excess >= 0;
        if (s.Steps >= _options.WarmUp)
        {
            s.Threshold.Observe(marked, alarmsPerStep, _options.MergeGap);
        }

        return new StepScore(
            Math.Min(1, rarity / FullScore), 0, 1, marked, EvidenceKind.MissingData, rarity, excess);
    }

    /// <summary>The p-norm (p = 8) of the counted rarities: (Σ r⁸ / 3)^⅛.</summary>
    static float Joint(ref LeanState s, in Signs signs, in NoveltySigns novelty)
    {
        var spike = signs.Spike >= 0
            ? s.SpikeUp.CountedRarity(signs.Spike, s.Blocks)
            : s.SpikeDown.CountedRarity(-signs.Spike, s.Blocks);
        var sum = Eighth(spike) + Eighth(s.ShapeTail.CountedRarity(novelty.Shape, s.Blocks))
            + Eighth(s.LevelTail.CountedRarity(novelty.Level, s.Blocks))
            + Eighth(s.ProfileTail.CountedRarity(novelty.Profile, s.Blocks))
            + Eighth(s.TrendTail.CountedRarity(novelty.Trend, s.Blocks));
        return MathF.Sqrt(MathF.Sqrt(MathF.Sqrt(sum / 3)));
    }

    static float Eighth(float r) => r * r * (r * r) * (r * r * (r * r));

    static (float Rarity, EvidenceKind Kind) Strongest(ref LeanState s, in Signs signs, in NoveltySigns novelty)
    {
        var best = (Rarity: 0f, Kind: EvidenceKind.None);
        var share = s.Correlation.IndependentShare;
        Consider(ref best, EvidenceKind.Spike, Signed(s.SpikeUp, s.SpikeDown, signs.Spike, s.Blocks, share));
        Consider(ref best, EvidenceKind.Burst, Signed(s.BurstUp, s.BurstDown, signs.Burst, s.Blocks, share));
        Consider(ref best, EvidenceKind.Residual, Signed(s.ResidualUp, s.ResidualDown, signs.Residual, s.Blocks, 1));
        if (s.Steps >= 2 * Blind)
        {
            Consider(ref best, EvidenceKind.Shape, s.ShapeTail.CalibratedRarity(novelty.Shape, s.Blocks, ShapeShare));
            Consider(ref best, EvidenceKind.Level, s.LevelTail.CalibratedRarity(novelty.Level, s.Blocks, NoveltyShare));
            Consider(ref best, EvidenceKind.Profile, s.ProfileTail.CalibratedRarity(novelty.Profile, s.Blocks, NoveltyShare));
            Consider(ref best, EvidenceKind.Trend, s.TrendTail.CalibratedRarity(novelty.Trend, s.Blocks, NoveltyShare));
        }

        return (MathF.Max(0, best.Rarity - KindsOfEvidence), best.Kind);
    }

    static void Consider(ref (float Rarity, EvidenceKind Kind) best, EvidenceKind kind, float rarity)
    {
        if (rarity > best.Rarity)
        {
            best = (rarity, kind);
        }
    }

    static float Signed(in BlockTail up, in BlockTail down, float sign, float blocks, float share) =>
        sign >= 0 ? up.CalibratedRarity(sign, blocks, share) : down.CalibratedRarity(-sign, blocks, share);

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

    static double Alarm(ref LeanState s, float joint)
    {
        if (s.Hold > 0)
        {
            s.Hold--;
            return 0;
        }

        s.Hold = joint >= HoldFrom ? HoldSteps : 0;
        return Math.Min(1, joint / FullScore);
    }

    void Learn(ref LeanState s, double x, in Signs signs, in NoveltySigns novelty, in StepEvidence evidence)
    {
        s.Correlation.Observe(Math.Clamp(signs.Spike, -LargestSquared, LargestSquared), s.Steps);
        s.SpikeUp.Observe(signs.Spike);
        s.SpikeDown.Observe(-signs.Spike);
        s.BurstUp.Observe(signs.Burst);
        s.BurstDown.Observe(-signs.Burst);
        s.ResidualUp.Observe(signs.Residual);
        s.ResidualDown.Observe(-signs.Residual);
        s.ShapeTail.Observe(novelty.Shape);
        s.LevelTail.Observe(novelty.Level);
        s.ProfileTail.Observe(novelty.Profile);
        s.TrendTail.Observe(novelty.Trend);
        if (evidence.HasForecast)
        {
            s.Residuals.Observe(Math.Abs(signs.Residual));
        }

        s.Profile.Observe(evidence.Time.SecondOfDay, x, s.Mean, Math.Sqrt(s.Variance));
        var least = 1.0 / (s.Steps + 1);
        s.Slow += Math.Max(0.02, least) * (x - s.Slow);
        s.Fast += Math.Max(BurstRate, least) * (x - s.Fast);
        s.Middle += Math.Max(0.1, least) * (x - s.Middle);
        var rate = Math.Max(1 / 2000.0, least);
        var apart = x - s.Mean;
        s.Mean += rate * apart;
        s.Variance = (1 - rate) * (s.Variance + (rate * apart * apart));
        s.Steps = s.Steps == uint.MaxValue ? uint.MaxValue / 2 : s.Steps + 1;
        if (s.Steps % BlockTail.BlockSteps == 0)
        {
            EndBlock(ref s);
        }
    }

    void EndBlock(ref LeanState s)
    {
        // What a daemon's own start did to the machine is not usual either.
        var warming = s.Steps <= _options.WarmUp;
        var weight = warming || s.Threshold.IsAlarming ? MarkedWeight : BlockTail.Unit;
        var dither = Decades.Even(s.Steps / BlockTail.BlockSteps);
        s.SpikeUp.EndBlock(weight, dither);
        s.SpikeDown.EndBlock(weight, dither);
        s.BurstUp.EndBlock(weight, dither);
        s.BurstDown.EndBlock(weight, dither);
        s.ResidualUp.EndBlock(weight, dither);
        s.ResidualDown.EndBlock(weight, dither);
        s.ShapeTail.EndBlock(BlockTail.Unit, dither);
        s.LevelTail.EndBlock(BlockTail.Unit, dither);
        s.ProfileTail.EndBlock(BlockTail.Unit, dither);
        s.TrendTail.EndBlock(BlockTail.Unit, dither);
        s.Blocks = (s.Blocks * (1 - (1 / BlockTail.Memory))) + (warming ? MarkedWeight / (float)BlockTail.Unit : 1);
    }
}
