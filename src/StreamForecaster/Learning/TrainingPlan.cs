namespace StreamForecaster.Learning;

/// <summary>
/// Which samples a challenger is trained on and which it is judged on. The recent stratum is split by time: no training target lies
/// after the first judged window's origin. The reservoir stratum is split by held-back blocks, which are never trained on.
/// </summary>
sealed class TrainingPlan
{
    const int AgesMax = 4;

    /// <summary>Ring slots to train on, newest first.</summary>
    public required int[] RecentTrain { get; init; }

    /// <summary>Reservoir slots to train on.</summary>
    public required int[] ReservoirTrain { get; init; }

    /// <summary>Ring slots of the recent stratum, by series.</summary>
    public required int[] RecentJudged { get; init; }

    /// <summary>Reservoir slots of the old stratum, oldest age first, each age by series; empty before there is such a past.</summary>
    public required int[][] ReservoirJudged { get; init; }

    /// <summary>Gradient steps.</summary>
    public required int Steps { get; init; }

    /// <summary>Plans a training, or returns null where the buffer holds too little for one.</summary>
    /// <param name="buffer">The samples.</param>
    /// <param name="options">Settings.</param>
    /// <param name="judgedFromNs">Windows of the recent stratum have their origin here or later.</param>
    /// <param name="oldBeforeNs">Samples of the reservoir stratum were known by then.</param>
    /// <param name="budgetSteps">Gradient steps at most.</param>
    public static TrainingPlan? Make(SampleBuffer buffer, LearnOptions options, long judgedFromNs, long oldBeforeNs, int budgetSteps)
    {
        List<int> recentTrain = [], recentJudged = [], reservoirTrain = [], reservoirJudged = [];
        for (int age = 0; age < buffer.RecentCount; age++)
        {
            int slot = buffer.RecentSlot(age);
            ref readonly SampleInfo info = ref buffer.Recent.Info(slot);
            if (info.OriginNs >= judgedFromNs)
            {
                recentJudged.Add(slot);
            }
            else if (info.KnownNs <= judgedFromNs && !buffer.IsHeldBack(info))
            {
                recentTrain.Add(slot);
            }
        }

        for (int slot = 0; slot < buffer.ReservoirCount; slot++)
        {
            ref readonly SampleInfo info = ref buffer.Reservoir.Info(slot);
            bool isHeldBack = buffer.IsHeldBack(info);
            if (!isHeldBack && info.KnownNs <= judgedFromNs)
            {
                reservoirTrain.Add(slot);
            }
            else if (isHeldBack && info.KnownNs <= oldBeforeNs)
            {
                reservoirJudged.Add(slot);
            }
        }

        int trained = recentTrain.Count + reservoirTrain.Count;
        if (recentTrain.Count == 0 || recentJudged.Count < options.JudgedWindowsMin)
        {
            return null;
        }

        return new TrainingPlan
        {
            RecentTrain = [.. recentTrain],
            ReservoirTrain = [.. reservoirTrain],
            RecentJudged = Judged(recentJudged, buffer.Recent, options),
            ReservoirJudged = Ages(reservoirJudged, buffer.Reservoir, options),
            Steps = Math.Min(budgetSteps, Math.Max(options.EpochsMax * trained / options.BatchSize, 1)),
        };
    }

    // Cut into ages with equally many windows: what a challenger forgets of an old age must not be outweighed by a younger one.
    static int[][] Ages(List<int> slots, SampleStore store, LearnOptions options)
    {
        int ages = Math.Min(slots.Count / options.JudgedWindowsMin, AgesMax);
        slots.Sort((a, b) => ByTime(store, a, b));
        int[][] judged = new int[ages][];
        for (int age = 0; age < ages; age++)
        {
            int from = age * slots.Count / ages;
            int to = (age + 1) * slots.Count / ages;
            judged[age] = Judged(slots.GetRange(from, to - from), store, options);
        }

        return judged;
    }

    // In the order (series, time), thinned evenly.
    static int[] Judged(List<int> slots, SampleStore store, LearnOptions options)
    {
        slots.Sort((a, b) =>
        {
            int order = store.Info(a).Series.CompareTo(store.Info(b).Series);
            return order != 0 ? order : store.Info(a).KnownNs.CompareTo(store.Info(b).KnownNs);
        });
        int count = Math.Min(slots.Count, options.JudgedWindowsMax);
        int[] kept = new int[count];
        for (int i = 0; i < count; i++)
        {
            kept[i] = slots[(int)((long)i * slots.Count / count)];
        }

        return kept;
    }

    static int ByTime(SampleStore store, int a, int b)
    {
        int order = store.Info(a).KnownNs.CompareTo(store.Info(b).KnownNs);
        return order != 0 ? order : store.Info(a).Series.CompareTo(store.Info(b).Series);
    }
}
