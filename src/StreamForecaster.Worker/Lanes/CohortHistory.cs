namespace StreamForecaster.Worker.Lanes;

/// <summary>A cohort's last steps, for the page alone: no result depends on them, and they begin anew with each start.</summary>
sealed class CohortHistory
{
    const int StepsMax = 64;

    readonly CohortStep[] _steps = new CohortStep[StepsMax];
    long _count;

    /// <summary>The steps held.</summary>
    public int Held => (int)Math.Min(_count, StepsMax);

    /// <summary>The step <paramref name="back"/> steps before the last.</summary>
    public ref readonly CohortStep this[int back] => ref _steps[(_count - 1 - back) % StepsMax];

    /// <summary>Appends a step.</summary>
    public void Add(in CohortStep step) => _steps[_count++ % StepsMax] = step;
}
