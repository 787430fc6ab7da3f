namespace StreamForecaster.Forecasting;

/// <summary>
/// Hears an expert less while its one-step errors are far above its own usual ones: after a shock, long before the
/// weights have learned it.
/// </summary>
/// <remarks>State: recent excess [experts], usual error [experts].</remarks>
static class SleepingExperts
{
    const int WarmUp = 30;
    const float LargestExcess = 20;

    public static int StateLength(int experts) => 2 * experts;

    /// <summary>Learns from the one-step forecasts for a target (not a number: none), the series' value number seen.</summary>
    public static void Learn(Span<float> state, ReadOnlySpan<float> forecasts, float target, int seen)
    {
        var experts = state.Length / 2;
        var rate = MathF.Max(1f / 500, 1f / seen);
        for (var k = 0; k < forecasts.Length; k++)
        {
            var error = MathF.Abs(forecasts[k] - target);
            if (float.IsNaN(error))
            {
                continue;
            }

            ref var usual = ref state[experts + k];
            if (seen > WarmUp)
            {
                var excess = MathF.Min(error / MathF.Max(usual, 1e-30f), LargestExcess);
                state[k] += 0.5f * (excess - state[k]);
                error = usual > 0 ? MathF.Min(error, 5 * usual) : error;
            }

            usual += rate * (error - usual);
        }
    }

    /// <summary>How much each expert is to be heard, in (0, 1].</summary>
    public static void Hear(ReadOnlySpan<float> state, Span<float> hearing)
    {
        for (var k = 0; k < hearing.Length; k++)
        {
            var relative = state[k] / 3;
            var squared = relative * relative;
            hearing[k] = 1 / (1 + (squared * squared));
        }
    }
}
