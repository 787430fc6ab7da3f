using System.Runtime.InteropServices;

namespace StreamForecaster.Forecasting;

/// <summary>How a series' history is written in 16 bits: value = offset + code · unit.</summary>
[StructLayout(LayoutKind.Sequential)]
struct HistoryScale
{
    public double Offset;
    public double Unit;

    /// <summary>How many of the newest values did not fit.</summary>
    public int Outside;

    public int Unused;
}

/// <summary>
/// The last 2,048 values of one series as 16-bit codes, and what the season makes of them. Values beyond 64 mean
/// deviations are cut, so that one spike does not cost the others their digits.
/// </summary>
static class SeasonHistory
{
    /// <summary>A power of two: a week of five-minute steps, and what the period finder looks at.</summary>
    public const int Capacity = 2048;

    public const int StateLength = Capacity / 2;

    const int LargestCode = short.MaxValue;
    const int CodesPerDeviation = 512;

    /// <summary>So many values in a row that do not fit are a new level, no spike.</summary>
    const int OutsideLimit = 16;

    /// <summary>Weight of the newest season in a phase's profile.</summary>
    const float ProfileRate = 0.15f;

    /// <summary>Seasons back in a profile: older ones would weigh under 4 %.</summary>
    const int ProfileDepth = 20;

    public static void Append(Span<float> state, ref HistoryScale scale, long step, double value)
    {
        var codes = Codes(state);
        if (step == 0)
        {
            scale.Offset = value;
        }

        if (scale.Unit == 0 && value != scale.Offset)
        {
            scale.Unit = Math.Max(Math.Abs(value - scale.Offset) / CodesPerDeviation, double.Epsilon);
        }

        var fits = Math.Abs(value - scale.Offset) <= scale.Unit * LargestCode;
        scale.Outside = fits ? 0 : scale.Outside + 1;
        if (!fits && (step < 64 || scale.Outside >= OutsideLimit))
        {
            var unit = Math.Max(scale.Unit, Math.Abs(value - scale.Offset) / (LargestCode / 2));
            Recode(codes, Count(step), ref scale, scale.Offset, unit);
            scale.Outside = 0;
        }

        codes[(int)(step & (Capacity - 1))] = Encode(value, scale.Offset, scale.Unit);
    }

    /// <summary>The number of values held once steps have been appended.</summary>
    public static int Count(long steps) => (int)Math.Min(steps, Capacity);

    /// <summary>Makes the codes fit the values again; called now and then.</summary>
    public static void Refit(Span<float> state, ref HistoryScale scale, long steps)
    {
        var codes = Codes(state);
        var count = Count(steps);
        double mean = 0;
        for (var i = 0; i < count; i++)
        {
            mean += codes[i];
        }

        mean /= Math.Max(count, 1);
        double deviation = 0;
        for (var i = 0; i < count; i++)
        {
            deviation += Math.Abs(codes[i] - mean);
        }

        deviation /= Math.Max(count, 1);
        if (deviation > 0 && (deviation is < CodesPerDeviation / 4.0 or > CodesPerDeviation * 4.0 || Math.Abs(mean) > 16 * deviation))
        {
            Recode(codes, count, ref scale, scale.Offset + (mean * scale.Unit), Math.Max(deviation * scale.Unit / CodesPerDeviation, double.Epsilon));
        }
    }

    /// <summary>Copies the history, oldest first, in codes.</summary>
    public static void CopyTo(Span<float> state, long steps, Span<float> values)
    {
        var codes = Codes(state);
        var count = Count(steps);
        for (var i = 0; i < count; i++)
        {
            values[i] = codes[(int)((steps - count + i) & (Capacity - 1))];
        }
    }

    /// <summary>
    /// The four seasonal forecasts made at a step, as changes from the last value: output[(h − 1) · stride + 0..3] = value one
    /// season before, last + seasonal change, the phase's profile, last + the profile's change. Not a number without a season.
    /// </summary>
    public static void Forecast(Span<float> state, in HistoryScale scale, long step, int season, double last, int horizons, Span<float> output, int stride)
    {
        var codes = Codes(state);
        var count = Count(step + 1);
        if (season < 2 || season >= count)
        {
            for (var h = 0; h < horizons; h++)
            {
                output.Slice(h * stride, 4).Fill(float.NaN);
            }

            return;
        }

        var unit = (float)scale.Unit;
        var toLast = (float)(scale.Offset - last);
        var phaseNow = Profile(codes, step, season, count) * unit;
        for (var h = 1; h <= horizons; h++)
        {
            var back = ((h + season - 1) / season * season) - h;
            if (back + h >= count)
            {
                back = season - 1 - ((h - 1) % season);
            }

            var sample = step - back;
            var naive = codes[(int)(sample & (Capacity - 1))] * unit;
            var before = codes[(int)((sample - h) & (Capacity - 1))] * unit;
            var profile = Profile(codes, sample, season, count - back) * unit;
            var forecasts = output.Slice((h - 1) * stride, 4);
            forecasts[0] = naive + toLast;
            forecasts[1] = sample - h > step - count ? naive - before : float.NaN;
            forecasts[2] = profile + toLast;
            forecasts[3] = profile - phaseNow;
        }
    }

    /// <summary>The exponentially weighted mean of the values at a step's phase, that step's own the newest.</summary>
    static float Profile(ReadOnlySpan<short> codes, long step, int season, int available)
    {
        float sum = 0, weights = 0, weight = 1;
        for (var j = 0; j < ProfileDepth && j * season < available; j++)
        {
            sum += weight * codes[(int)((step - (j * season)) & (Capacity - 1))];
            weights += weight;
            weight *= 1 - ProfileRate;
        }

        return sum / weights;
    }

    static void Recode(Span<short> codes, int count, ref HistoryScale scale, double offset, double unit)
    {
        for (var i = 0; i < count; i++)
        {
            codes[i] = Encode(scale.Offset + (codes[i] * scale.Unit), offset, unit);
        }

        scale.Offset = offset;
        scale.Unit = unit;
    }

    static short Encode(double value, double offset, double unit) =>
        unit == 0 ? (short)0 : (short)Math.Round(Math.Clamp((value - offset) / unit, -LargestCode, LargestCode));

    static Span<short> Codes(Span<float> state) => MemoryMarshal.Cast<float, short>(state);
}
