using System.Runtime.CompilerServices;
namespace StreamForecaster.Forecasting;

/// <summary>
/// The smoothing experts of one series: drift, damped Holt, exponentially weighted means. All levels are kept as
/// differences from the newest value, so that a large offset costs no digits of a 32-bit float.
/// </summary>
static class TrendExperts
{
    /// <summary>Experts: last value, drift, Holt, three means.</summary>
    public const int Count = 6;

    /// <summary>What an origin must remember to give all of them for any horizon: drift, Holt's level and trend, three means.</summary>
    public const int RecordLength = 6;

    /// <summary>Floats of state: the record, then three slow means and three lags for the regressions.</summary>
    public const int StateLength = RecordLength + 6;

    public const int Mean24 = 6;
    public const int Mean168 = 7;
    public const int Mean700 = 8;
    public const int Lag1 = 9;

    const float HoltLevelRate = 0.4f;
    const float HoltTrendRate = 0.1f;
    const float HoltDamping = 0.95f;

    /// <summary>Σ damping^i, i = 1..h: what a unit of Holt's trend adds at horizon h.</summary>
    public static float[] HoltReach(int horizons)
    {
        var reach = new float[horizons + 1];
        var power = 1f;
        for (var h = 1; h <= horizons; h++)
        {
            power *= HoltDamping;
            reach[h] = reach[h - 1] + power;
        }

        return reach;
    }

    /// <summary>Takes in the newest value by its change; seen counts the values so far, this one included.</summary>
    public static void Observe(Span<float> state, float change, int seen)
    {
        var early = 1f / seen;
        state[0] += MathF.Max(1f / 200, early) * (change - state[0]);
        var expected = state[1] + (HoltDamping * state[2]);
        var error = change - expected;
        state[1] = expected + (HoltLevelRate * error) - change;
        state[2] = (HoltDamping * state[2]) + (HoltLevelRate * HoltTrendRate * error);
        Follow(ref state[3], 0.5f, change, early);
        Follow(ref state[4], 1f / 8, change, early);
        Follow(ref state[5], 1f / 48, change, early);
        Follow(ref state[Mean24], 1f / 24, change, early);
        Follow(ref state[Mean168], 1f / 168, change, early);
        Follow(ref state[Mean700], 1f / 700, change, early);
        state[Lag1 + 2] = state[Lag1 + 1] - change;
        state[Lag1 + 1] = state[Lag1] - change;
        state[Lag1] = -change;
    }

    /// <summary>The experts' forecasts for one horizon, as changes from the origin's value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forecast(ReadOnlySpan<float> record, int horizon, float holtReach, Span<float> experts)
    {
        experts[5] = record[5];
        experts[4] = record[4];
        experts[3] = record[3];
        experts[2] = record[1] + (record[2] * holtReach);
        experts[1] = record[0] * horizon;
        experts[0] = 0;
    }

    static void Follow(ref float meanMinusLast, float rate, float change, float early) =>
        meanMinusLast = (1 - MathF.Max(rate, early)) * (meanMinusLast - change);
}
