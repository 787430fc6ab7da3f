namespace StreamForecaster.Models;

/// <summary>The learning rate of each step of a run.</summary>
sealed class LearningRate(TrainingOptions options)
{
    double _reduced = 1, _best = double.PositiveInfinity;
    int _validationsSinceBest;

    /// <summary>The rate of a step, counted from 0.</summary>
    public double At(long step)
    {
        double rate = options.LearningRate;
        switch (options.Schedule)
        {
            case ScheduleKind.Constant: return rate;
            case ScheduleKind.ReduceOnPlateau: return rate * _reduced;
            default:
                if (step < options.WarmUpSteps) return rate * (step + 1) / options.WarmUpSteps;
                double done = Math.Min(1, (double)(step - options.WarmUpSteps) / Math.Max(1, options.TotalSteps - options.WarmUpSteps));
                return rate * (options.FinalShare + (1 - options.FinalShare) * .5 * (1 + Math.Cos(Math.PI * done)));
        }
    }

    /// <summary>A loss on held-back windows: what <see cref="ScheduleKind.ReduceOnPlateau"/> watches.</summary>
    public void ObserveValidation(double loss)
    {
        if (loss < _best)
        {
            (_best, _validationsSinceBest) = (loss, 0);
            return;
        }
        if (++_validationsSinceBest < options.PlateauPatience) return;
        (_reduced, _validationsSinceBest) = (_reduced * options.PlateauFactor, 0);
    }
}
