namespace StreamForecaster.Models;

/// <summary>Watches a loss on held-back windows, keeps the best weights, and says when to stop.</summary>
public sealed class EarlyStop(Forecaster model, int patience, double leastGain = 0)
{
    readonly Weights _best = model.Weights.NewZeros();
    int _validationsSinceBest;

    public double BestLoss { get; private set; } = double.PositiveInfinity;

    /// <summary>Takes a validation's loss. True when <c>patience</c> validations in a row brought no gain: time to stop.</summary>
    public bool Observe(double loss)
    {
        if (loss < BestLoss - leastGain)
        {
            (BestLoss, _validationsSinceBest) = (loss, 0);
            _best.CopyFrom(model.Weights);
            return false;
        }
        return ++_validationsSinceBest >= patience;
    }

    /// <summary>Puts the best weights back into the model; without any finite loss it stays as it is.</summary>
    public void RestoreBest()
    {
        if (!double.IsPositiveInfinity(BestLoss)) model.Weights.CopyFrom(_best);
    }
}
