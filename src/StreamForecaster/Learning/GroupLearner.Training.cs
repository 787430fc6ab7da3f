using StreamForecaster.Models;

namespace StreamForecaster.Learning;

/// <summary>From a training that is due to its outcome.</summary>
public sealed partial class GroupLearner
{
    const int LossesShown = 64;

    // Windows of the recent stratum cover a quarter of the fresh data, within these limits in steps.
    const int JudgedStepsMin = 16;
    const int JudgedStepsMax = 120;

    // The anchor moves after so many training periods: what is lost to it meanwhile, in however many trainings, stays below the
    // gate's margin.
    const int AnchorPeriods = 12;

    // New behaviour takes more gradient steps to be learned without forgetting the old; more still where the first answer to a drift
    // was no champion.
    static readonly int[] DriftBudgets = [1, 4, 8, 16];

    // Newest windows on which other groups' champions are tried.
    const int KinWindows = 256;

    /// <summary>Does a slice of the training: one gradient step, or the judging (some tens of milliseconds at most). Returns null
    /// while there is more to do or nothing is due (<see cref="IsTraining"/> tells), and the outcome once.</summary>
    public TrainingOutcome? Work()
    {
        if (_run is null)
        {
            return null;
        }

        if (_run.IsTrained)
        {
            return Finish(_run);
        }

        _run.Step();
        return null;
    }

    /// <summary>Gives up the challenger in training; its turn comes again at the next step.</summary>
    public void Abort() => _run = null;

    void Begin()
    {
        long judgedSteps = Math.Clamp(_schedule.FreshSteps / 4, JudgedStepsMin, JudgedStepsMax);
        // Windows known by now have their origin a horizon back.
        long judgedFromNs = _schedule.NowNs - ((judgedSteps + _spec.Horizons - 1) * _schedule.StepNs);
        long oldBeforeNs = Math.Min(judgedFromNs, _schedule.NowNs - (_schedule.IntervalSteps * _schedule.StepNs));
        int budget = _options.BudgetSteps * DriftBudgets[_schedule.DriftAnswer];
        if (TrainingPlan.Make(Samples, _options, judgedFromNs, oldBeforeNs, budget) is not { } plan)
        {
            _schedule.Postpone(_options);
            _waiting = $"a training is due, but of the last {judgedSteps} steps too few samples came that could be judged on "
                + $"(samples taken {Samples.Taken}, refused as not finite {Samples.Refused})";
            return;
        }

        _waiting = null;
        ulong seed = SampleHash.Mix(_seed, (ulong)_tally.LastVersion + 1);
        Forecaster start = (Champion ?? NearestKin(plan))?.Clone() ?? Forecaster.Create(_spec, (int)(seed >> 33));
        _run = new TrainingRun(plan, Samples, _options, start, seed, _engine);
    }

    Forecaster? NearestKin(TrainingPlan plan)
    {
        Forecaster? nearest = null;
        ReadOnlySpan<int> slots = plan.RecentTrain.AsSpan(0, Math.Min(plan.RecentTrain.Length, KinWindows));
        double least = _measure.Measure(null, Samples.Recent, slots).Pinball.Average();
        foreach (Forecaster kin in Kin)
        {
            double loss = _measure.Measure(kin, Samples.Recent, slots).Pinball.Average();
            if (loss < least)
            {
                (nearest, least) = (kin, loss);
            }
        }

        return nearest;
    }

    TrainingOutcome Finish(TrainingRun run)
    {
        Verdict verdict = run.Judge(_measure, Champion, _anchor);
        _run = null;
        _verdict = verdict;
        _losses = Thin(run.Losses);
        _schedule.Trained(_options, verdict.Passed);
        _tally.Trainings++;
        long version = ++_tally.LastVersion;
        if (verdict.Passed)
        {
            _tally.Promotions++;
            _tally.Version = version;
            Champion = run.Challenger;
            _drift.Reset();
        }

        long anchorNs = AnchorPeriods * _options.PeriodSteps * _schedule.StepNs;
        if (Champion is not null && (_anchor is null || _schedule.NowNs - _tally.AnchorNs >= anchorNs))
        {
            Anchor();
        }

        return new(Group, version, _schedule.NowNs, run.Challenger, verdict);
    }

    void Anchor()
    {
        _anchor = Champion;
        _tally.AnchorVersion = _tally.Version;
        _tally.AnchorNs = _schedule.NowNs;
    }

    static double[] Thin(List<double> losses)
    {
        int count = Math.Min(losses.Count, LossesShown);
        double[] kept = new double[count];
        for (int i = 0; i < count; i++)
        {
            kept[i] = losses[(int)((long)i * losses.Count / count)];
        }

        return kept;
    }
}
