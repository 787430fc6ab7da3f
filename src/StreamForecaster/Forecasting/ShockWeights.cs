using System.Runtime.InteropServices;

namespace StreamForecaster.Forecasting;

/// <summary>
/// What the experts are worth right after a shock, a one-step error many times the usual one. Whether it was a spike that goes as it
/// came or a level that stays is a trait of the series that the weights of calm steps cannot know. Exponential weights (Freund and
/// Schapire, "A decision-theoretic generalization of on-line learning", 1997) that start from those of calm steps and learn
/// from shocks alone, apart for those that come out of calm and those that follow another: the return from a spike is one. Weights of
/// their own for each state of what is known besides: Cover and Ordentlich, "Universal portfolios with side information", 1996.
/// </summary>
/// <remarks>State: each expert's gain over the forecast, in shocks, after shocks out of calm [experts] and after others [experts], in 16 bits.</remarks>
sealed class ShockWeights(ExpertRoster roster)
{
    /// <summary>Further ahead the usual weights stay: what becomes of a value many steps later a shock tells little about.</summary>
    public const int LongestHorizon = 4;

    /// <summary>A shock is an error of more than this many usual ones: of normal noise one row in ten thousand million is.</summary>
    const float Threshold = 8;

    const int WarmUp = 30;

    /// <summary>A gain of one whole shock makes a weight e^1.5 times as great: bursts and spikes in turn are not taken for a habit.</summary>
    const float LearningRate = 1.5f;

    /// <summary>Fifty shocks are remembered.</summary>
    const float Discount = 0.98f;

    /// <summary>Added to every weight: an expert that is worth nothing in calm comes up within a few shocks.</summary>
    const float Floor = 1e-4f;

    readonly int _experts = roster.Padded;

    public int StateLength => _experts;

    /// <summary>
    /// The shock that a one-step error was: its size after a calm step, the size negative after another shock, 0 where it was none.
    /// </summary>
    /// <param name="error">The error's size.</param>
    /// <param name="usualError">The usual one.</param>
    /// <param name="before">The shock of the step before.</param>
    /// <param name="seen">The series' values so far.</param>
    public static float Of(float error, float usualError, float before, int seen) =>
        seen <= WarmUp || error <= Threshold * usualError ? 0 : before == 0 ? error : -error;

    /// <summary>Learns from a forecast made from a shock, one step ahead: what the experts (not a number: asleep) and the mixture forecast for the target.</summary>
    public void Learn(Span<float> state, ReadOnlySpan<float> experts, float mixture, float target, float shock)
    {
        var gains = Kind(state, shock);
        var error = MathF.Abs(mixture - target);
        for (var k = 0; k < roster.Count; k++)
        {
            var gain = (error - MathF.Abs(experts[k] - target)) / MathF.Abs(shock);
            gains[k] = (Half)((Discount * (float)gains[k]) + (float.IsNaN(gain) ? 0 : Math.Clamp(gain, -1, 1)));
        }
    }

    /// <summary>From the weights of calm steps to those after a shock, their sum 1; hearing is 0 where an expert is asleep.</summary>
    public void Weigh(Span<float> state, float shock, ReadOnlySpan<float> hearing, Span<float> weights)
    {
        var gains = Kind(state, shock);
        var most = float.NegativeInfinity;
        for (var k = 0; k < weights.Length; k++)
        {
            most = hearing[k] > 0 ? MathF.Max(most, (float)gains[k]) : most;
        }

        var sum = 0f;
        for (var k = 0; k < weights.Length; k++)
        {
            weights[k] = hearing[k] > 0 ? (weights[k] + Floor) * MathF.Exp(LearningRate * ((float)gains[k] - most)) : 0;
            sum += weights[k];
        }

        SmallVectors.Scale(weights, 1 / sum);
    }

    /// <summary>Puts one expert where an untried one is.</summary>
    public void Forget(Span<float> state, int expert)
    {
        Kind(state, 1)[expert] = default;
        Kind(state, -1)[expert] = default;
    }

    Span<Half> Kind(Span<float> state, float shock) =>
        MemoryMarshal.Cast<float, Half>(state).Slice(shock < 0 ? _experts : 0, _experts);
}
