using System.Runtime.InteropServices;

namespace StreamForecaster.Learning;

/// <summary>When a group trains, in event time: first after some closed steps, then at intervals that double up to the period, which
/// grows with the group's age, and early after drift. Blittable: it is part of the checkpoint.</summary>
[StructLayout(LayoutKind.Sequential)]
struct TrainingSchedule
{
    // Trainings after an alarm that count as its answer.
    const int DriftTrainings = 3;

    long _firstNs;
    long _lastNs;
    long _nextNs;
    long _intervalSteps;
    long _driftTrainings;
    long _quietUntilNs;

    /// <summary>The group's time: end of the last closed step; 0 before the first.</summary>
    public long NowNs;

    /// <summary>Length of the group's step.</summary>
    public long StepNs;

    /// <summary>Steps closed since the group began.</summary>
    public readonly long ClosedSteps => StepNs == 0 ? 0 : (NowNs - _firstNs) / StepNs;

    /// <summary>The interval that the training due now ends.</summary>
    public readonly long IntervalSteps => _intervalSteps;

    /// <summary>Steps since what the training is about: the last training, a drift alarm, or the beginning.</summary>
    public readonly long FreshSteps => StepNs == 0 ? 0 : (NowNs - _lastNs) / StepNs;

    /// <summary>Which answer to a drift the training due now is, from 1; 0: none.</summary>
    public readonly int DriftAnswer => _driftTrainings > 0 ? DriftTrainings + 1 - (int)_driftTrainings : 0;

    public readonly bool IsDue => StepNs != 0 && NowNs >= _nextNs;

    /// <summary>When the next training is due.</summary>
    public readonly long NextNs => _nextNs;

    /// <summary>Moves the group's time forward; an earlier time is ignored.</summary>
    public void Advance(long nowNs, long stepNs, LearnOptions options)
    {
        if (StepNs == 0)
        {
            _firstNs = _lastNs = nowNs - stepNs;
            _nextNs = _firstNs + (options.FirstAfterSteps * stepNs);
            _intervalSteps = options.FirstIntervalSteps;
        }

        StepNs = stepNs;
        NowNs = Math.Max(NowNs, nowNs);
    }

    /// <summary>A training was judged: the next is an interval away. A champion that came of it is the answer to a drift.</summary>
    public void Trained(LearnOptions options, bool passed)
    {
        _lastNs = NowNs;
        _nextNs = NowNs + (_intervalSteps * StepNs);
        _intervalSteps = Math.Min(2 * _intervalSteps, Period(options));
        _driftTrainings = passed ? 0 : Math.Max(_driftTrainings - 1, 0);
    }

    /// <summary>A training was due but had too few samples: soon again.</summary>
    public void Postpone(LearnOptions options) => _nextNs = NowNs + (Math.Max(options.FirstAfterSteps / 6, 1) * StepNs);

    /// <summary>Drift: a training as soon as there is enough of the new behaviour, and short intervals again. Returns false where an
    /// alarm less than a period ago is being answered: a stream that never settles must not train without end.</summary>
    public bool Drifted(LearnOptions options)
    {
        if (NowNs < _quietUntilNs)
        {
            return false;
        }

        _quietUntilNs = NowNs + (Period(options) * StepNs);
        _lastNs = NowNs;
        _nextNs = Math.Min(_nextNs, NowNs + (options.DriftDelaySteps * StepNs));
        _intervalSteps = Math.Min(options.DriftDelaySteps, options.PeriodSteps);
        _driftTrainings = DriftTrainings;
        return true;
    }

    // What a group knows grows with its age: a stretch of data that is a tenth of it teaches as much, however old the group is.
    readonly long Period(LearnOptions options) =>
        Math.Clamp((long)(options.PeriodGrowth * ClosedSteps), options.PeriodSteps, Math.Max(options.PeriodSteps, options.PeriodStepsMax));
}
