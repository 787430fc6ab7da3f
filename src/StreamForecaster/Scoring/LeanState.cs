namespace StreamForecaster.Scoring;

/// <summary>What the scorer remembers of one series; blittable, all zero at first. In an order that leaves no gaps.</summary>
struct LeanState
{
    internal double Slow;       // EWMA, rate 1/50: the level
    internal double Usual;      // as Slow, without what an alarm saw
    internal double Fast;       // EWMA, rate 1/5: the last few steps
    internal double Middle;     // EWMA, rate 1/10: what the trend evidence looks at
    internal double Mean;       // rate 1/2000
    internal double Variance;   // about that mean
    internal uint Steps;        // measured steps
    internal float Blocks;      // blocks of ten steps in the tails' memory

    internal AlarmThreshold Threshold;
    internal MissingRun Missing;
    internal StepCorrelation Correlation;
    internal BlockTail SpikeUp;
    internal BlockTail SpikeDown;
    internal BlockTail BurstUp;
    internal BlockTail BurstDown;
    internal BlockTail ResidualUp;
    internal BlockTail ResidualDown;
    internal BlockTail ShapeTail;
    internal BlockTail LevelTail;
    internal BlockTail ProfileTail;
    internal BlockTail TrendTail;
    internal DensityClock Clock;
    internal SustainedNovelty Level;
    internal SustainedNovelty ProfileNovelty;
    internal SustainedNovelty Trend;
    internal DayProfile Profile;
    internal ShapeMemory Shape;
    internal ResidualHistogram Residuals;
    internal byte Hold;         // steps for which the alarm score stays silent
}
