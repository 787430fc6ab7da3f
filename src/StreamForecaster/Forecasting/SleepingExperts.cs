using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

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

    /// <summary>How much each expert is to be heard, in (0, 1]. The length is a multiple of 4.</summary>
    public static void Hear(ReadOnlySpan<float> state, Span<float> hearing)
    {
        ref var excess = ref MemoryMarshal.GetReference(state[..hearing.Length]);
        ref var to = ref MemoryMarshal.GetReference(hearing);
        for (nuint k = 0; k < (nuint)hearing.Length; k += 4)
        {
            var relative = Vector128.LoadUnsafe(ref excess, k) / 3;
            var squared = relative * relative;
            (Vector128<float>.One / (Vector128<float>.One + (squared * squared))).StoreUnsafe(ref to, k);
        }
    }
}
