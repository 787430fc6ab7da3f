namespace StreamForecaster.Scoring;

/// <content>What a step leaves behind.</content>
public sealed partial class AnomalyScorer
{
    const float LargestSquared = 1e18f; // squares of these fit a float

    void Learn(ref LeanState s, double x, double deviation, in Signs signs, in NoveltySigns novelty, in StepEvidence evidence)
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

        if (!_full)
        {
            s.Profile.Observe(evidence.Time.SecondOfDay, x, s.Mean, deviation);
        }

        var least = 1.0 / (s.Steps + 1);
        s.Slow += Math.Max(0.02, least) * (x - s.Slow);
        if (!s.Threshold.IsAlarming)
        {
            s.Usual += Math.Max(0.02, least) * (x - s.Usual);
        }

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

    // What a daemon's own start did to the machine is not usual, nor is what an alarm saw.
    int BlockWeight(ref LeanState s) => IsWarming(s) || s.Threshold.IsAlarming ? MarkedWeight : BlockTail.Unit;

    bool IsWarming(in LeanState s) => s.Steps <= _options.WarmUp;

    void EndBlock(ref LeanState s)
    {
        var weight = BlockWeight(ref s);
        var dither = Decades.Even(s.Steps / BlockTail.BlockSteps);
        s.SpikeUp.EndBlock(BlockTail.Unit, dither);
        s.SpikeDown.EndBlock(BlockTail.Unit, dither);
        s.BurstUp.EndBlock(weight, dither);
        s.BurstDown.EndBlock(weight, dither);
        s.ResidualUp.EndBlock(weight, dither);
        s.ResidualDown.EndBlock(weight, dither);
        s.ShapeTail.EndBlock(BlockTail.Unit, dither);
        s.LevelTail.EndBlock(BlockTail.Unit, dither);
        s.ProfileTail.EndBlock(BlockTail.Unit, dither);
        s.TrendTail.EndBlock(BlockTail.Unit, dither);
        s.Blocks = (s.Blocks * (1 - (1 / BlockTail.Memory))) + (IsWarming(s) ? MarkedWeight / (float)BlockTail.Unit : 1);
    }
}
