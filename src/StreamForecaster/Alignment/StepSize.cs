namespace StreamForecaster.Alignment;

/// <summary>The step of a series from its first points: the modal difference, snapped to what agents are set to.</summary>
public static class StepSize
{
    /// <summary>How many points are looked at before the step is fixed.</summary>
    public const int PointsNeeded = 8;

    const long Second = 1_000_000_000;

    // The intervals that agents, exporters and reports are set to.
    static readonly int[] UsualSeconds =
        [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10800, 14400, 21600, 43200, 86400, 604800];

    /// <summary>The modal difference of ascending times, each difference snapped first; the smallest of equals; one second where all
    /// times are equal.</summary>
    /// <param name="ascendingNs">Times in nanoseconds, ascending.</param>
    public static long Modal(ReadOnlySpan<long> ascendingNs)
    {
        Span<long> steps = stackalloc long[PointsNeeded];
        int count = 0;
        for (int i = 1; i < ascendingNs.Length && count < steps.Length; i++)
        {
            long difference = ascendingNs[i] - ascendingNs[i - 1];
            if (difference > 0)
            {
                steps[count++] = Snap(difference);
            }
        }

        steps = steps[..count];
        steps.Sort();
        long best = Second;
        int bestRun = 0;
        for (int i = 0, run = 0; i < count; i++)
        {
            run = i > 0 && steps[i] == steps[i - 1] ? run + 1 : 1;
            if (run > bestRun)
            {
                (best, bestRun) = (steps[i], run);
            }
        }

        return best;
    }

    /// <summary>The usual interval within 15 %, else the nearest whole second, at least one.</summary>
    public static long Snap(long differenceNs)
    {
        foreach (int usual in UsualSeconds)
        {
            if (Math.Abs(differenceNs - (usual * Second)) <= usual * (Second / 100 * 15))
            {
                return usual * Second;
            }
        }

        return Math.Max(1, (differenceNs + (Second / 2)) / Second) * Second;
    }
}
