using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamForecaster.Scoring;

/// <summary>
/// Scores a step of several series together, such as those of one host: rarities that none of the series would raise an
/// alarm for are one when they come at once. The mean of the members' rarities (Fisher's combination of p-values, by their number) is
/// judged against its own history, so correlated members are no more alarming than they have been. Holds no data of a
/// cohort: that is in the span given to every call.
/// </summary>
public sealed class CohortScorer
{
    readonly ScoreOptions _options;

    /// <summary>A scorer with these settings; the rate of false alarms is the cohort's own.</summary>
    public CohortScorer(ScoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
    }

    /// <summary>Bytes a cohort needs.</summary>
    public int StateBytes { get; } = Unsafe.SizeOf<CohortState>();

    /// <summary>Prepares a cohort's zeroed state.</summary>
    public void Initialize(Span<byte> state) => state[..StateBytes].Clear();

    /// <summary>Scores a step from its members' rarities and learns from it. A step without members is not scored and not learned.</summary>
    /// <param name="state">The cohort's state.</param>
    /// <param name="members">The members' rarities.</param>
    /// <param name="stepSeconds">The step's length.</param>
    /// <param name="muted">A maintenance window: no alarm, no learning.</param>
    public StepScore Score(Span<byte> state, in CohortSum members, int stepSeconds, bool muted)
    {
        ref var s = ref MemoryMarshal.AsRef<CohortState>(state);
        if (members.Count == 0)
        {
            return default;
        }

        var sum = (float)members.Mean;
        var alarmsPerStep = _options.AlarmsPerStep(stepSeconds);
        var warm = s.Steps >= _options.WarmUp;
        var rarity = warm ? s.Tail.CalibratedRarity(sum, s.Blocks, s.Correlation.IndependentShare) : 0;
        var excess = s.Threshold.Excess(rarity, alarmsPerStep);
        var marked = rarity > 0 && excess >= 0 && !muted;
        if (!muted)
        {
            Learn(ref s, sum, marked, warm, stepSeconds);
        }

        return new StepScore(
            Math.Min(1, rarity / AnomalyScorer.FullScore), 0, Math.Pow(10, -rarity), marked, EvidenceKind.Cohort, rarity, excess);
    }

    void Learn(ref CohortState s, float sum, bool marked, bool warm, int stepSeconds)
    {
        s.Correlation.Observe(sum - s.Level, s.Steps);
        s.Level += Math.Max(0.02f, 1f / (s.Steps + 1)) * (sum - s.Level);
        s.Tail.Observe(sum);
        if (warm)
        {
            s.Threshold.Observe(marked, _options.AlarmsPerStep(stepSeconds), _options.MergeGapOf(stepSeconds));
        }

        s.Steps = s.Steps == uint.MaxValue ? uint.MaxValue / 2 : s.Steps + 1;
        if (s.Steps % BlockTail.BlockSteps == 0)
        {
            s.Tail.EndBlock(
                s.Threshold.IsAlarming ? AnomalyScorer.MarkedWeight : BlockTail.Unit, Decades.Even(s.Steps / BlockTail.BlockSteps));
            s.Blocks = (s.Blocks * (1 - (1 / BlockTail.Memory))) + 1;
        }
    }

    struct CohortState
    {
        internal uint Steps;
        internal float Blocks;
        internal float Level;
        internal StepCorrelation Correlation;
        internal BlockTail Tail;
        internal AlarmThreshold Threshold;
    }
}
