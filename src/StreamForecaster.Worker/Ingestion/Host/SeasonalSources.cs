namespace StreamForecaster.Worker.Ingestion.Host;

/// <summary>
/// Two small made-up sources with a season, labelled <c>synthetic=true</c>: something to forecast on a machine that does nothing. Their
/// values are a function of the time alone.
/// </summary>
static class SeasonalSources
{
    // Short enough for several seasons in a lookback of 64 steps of a second.
    static readonly int[] PeriodsSeconds = [20, 30];

    internal static void Write(DateTimeOffset time, TelegrafRecords to)
    {
        long second = time.ToUnixTimeSeconds();
        for (int source = 0; source < PeriodsSeconds.Length; source++)
        {
            string name = $"seasonal-{source + 1}";
            double phase = (double)(second % PeriodsSeconds[source]) / PeriodsSeconds[source];
            double turn = 2 * Math.PI * phase;
            to.Begin("synthetic", name, new("source", name), new("synthetic", "true"));
            to.Field("wave", 50 + (20 * Math.Sin(turn)) + (6 * Math.Sin(2 * turn)) + Noise(second, source, 0));
            to.Field("pulse", 10 + (30 * Math.Exp(-40 * (phase - 0.5) * (phase - 0.5))) + Noise(second, source, 1));
            to.Field("tooth", (40 * phase) + Noise(second, source, 2));
            to.End();
        }
    }

    // In [-1, 1], the mean of two evenly spread numbers made from the time by SplitMix64's finaliser.
    static double Noise(long second, int source, int field)
    {
        ulong seed = ((ulong)second * 64) + ((ulong)source * 8) + ((ulong)field * 2);
        return Spread(seed) + Spread(seed + 1) - 1;
    }

    static double Spread(ulong seed)
    {
        ulong z = seed * 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
    }
}
