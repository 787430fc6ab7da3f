using System.Runtime.CompilerServices;

namespace StreamForecaster.Scoring;

/// <summary>
/// Rare values for the hour of the day, for a longer time: a density for each hour, where <see cref="DayProfile"/> knows a mean. So it
/// also sees a value that is missing from its hour and usual in others, and is not surprised where an hour knows two kinds of days.
/// All zero at first.
/// </summary>
struct HourlyNovelty
{
    const int Hours = 24;
    const int SecondsAnHour = 3600;
    const int Codes = 12;
    const double PerUnit = 2;
    const float Unseen = 0.2f; // observations of a code that was never seen

    // Where ⌊2 asinh z⌋ goes up by one, for codes 1..11: cheaper than asinh at every step.
    static readonly double[] Edges = [.. Enumerable.Range(1, Codes - 1).Select(code => Math.Sinh((code - (Codes / 2)) / PerUnit))];

    double _mean;
    double _deviation;
    Counts _counts;     // [hour, code], as SmallCount
    NoveltyMeans _means;

    /// <summary>
    /// How much rarer the values have been lately for their hours (<see cref="NoveltyMeans"/>), in decades; then takes this one in. The
    /// values' mean and deviation before it are followed until the scorer ceases to be blind.
    /// </summary>
    internal float Observe(double value, int secondOfDay, double mean, double deviation, in NoveltyStep step)
    {
        if (step.IsBlind)
        {
            (_mean, _deviation) = (mean, Math.Max(deviation, Math.Max(1e-9 * Math.Abs(mean), 1e-30)));
        }

        var hour = Math.Clamp(secondOfDay / SecondsAnHour, 0, Hours - 1);
        var counts = ((Span<ushort>)_counts).Slice(hour * Codes, Codes);
        var code = Code(value);
        var novelty = step.IsBlind ? 0 : Novelty(counts, code, step.Clock);
        counts[code] = (ushort)SmallCount.Encode(SmallCount.Decode(counts[code]) + step.Clock.Counts, step.Dither);
        if (step.HalvesCounts)
        {
            foreach (ref var count in (Span<ushort>)_counts)
            {
                count = (ushort)SmallCount.Halve(count);
            }
        }

        return _means.Observe(novelty, step);
    }

    readonly int Code(double value)
    {
        var apart = (value - _mean) / _deviation;
        var code = 0;
        foreach (var edge in Edges)
        {
            code += apart >= edge ? 1 : 0;
        }

        return code;
    }

    /// <summary>−log₁₀ of the code's share of the hour's observations; nothing for an hour's first, nor where it has seen no other code.</summary>
    static float Novelty(ReadOnlySpan<ushort> counts, int code, in DensityClock clock)
    {
        var all = 0f;
        foreach (var count in counts)
        {
            all += SmallCount.Decode(count);
        }

        return Decades.Log10(((all / clock.Counts) + Unseen) / ((SmallCount.Decode(counts[code]) / clock.Counts) + Unseen));
    }

    [InlineArray(Hours * Codes)]
    struct Counts
    {
        ushort _first;
    }
}
