using System.Numerics.Tensors;

namespace StreamForecaster.Forecasting;

/// <summary>A season found in a series' history.</summary>
/// <param name="Steps">Its length; 0: none.</param>
/// <param name="Strength">Its autocorrelation.</param>
readonly record struct Period(int Steps, float Strength);

/// <summary>
/// Finds the season of a stretch of values: clipped, less a centred moving average of four widths, by the unbiased
/// autocorrelation. Holds scratch only.
/// </summary>
sealed class PeriodFinder
{
    /// <summary>Fewer values tell nothing.</summary>
    public const int Fewest = 32;

    const int Capacity = SeasonHistory.Capacity;

    static readonly int[] HalfWidths = [12, 48, 192, 768];

    readonly FourierTransform _fourier = new(2 * Capacity);
    readonly float[] _values = new float[Capacity];
    readonly float[] _sorted = new float[Capacity];
    readonly double[] _sums = new double[Capacity + 1];
    readonly float[] _real = new float[2 * Capacity];
    readonly float[] _imaginary = new float[2 * Capacity];

    /// <summary>
    /// The season of the values, given the one held so far (0: none) and the calendar's day and week in steps (0: unknown).
    /// A held one stays while it is nearly as good; the calendar's wins over a stranger that is not twice as good.
    /// </summary>
    public Period Find(ReadOnlySpan<float> values, int held, int day, int week)
    {
        if (values.Length < Fewest || !Clip(values))
        {
            return default;
        }

        Period best = default, calendar = default, old = default;
        for (var pair = 0; pair < HalfWidths.Length; pair += 2)
        {
            Correlate(values.Length, HalfWidths[pair], HalfWidths[pair + 1]);
            Look(_real.AsSpan(0, values.Length), HalfWidths[pair]);
            Look(_imaginary.AsSpan(0, values.Length), HalfWidths[pair + 1]);
        }

        if (Math.Max(best.Strength, old.Strength) <= 0 && calendar.Steps == 0)
        {
            return default;
        }

        if (calendar.Strength > Math.Max(0.1f, 0.5f * best.Strength))
        {
            best = calendar;
        }

        return old.Strength > 0.1f && old.Strength >= (0.8f * best.Strength) - 0.05f ? old : best;

        void Look(ReadOnlySpan<float> correlation, int halfWidth)
        {
            best = Stronger(best, Peak(correlation, halfWidth));
            calendar = Stronger(calendar, Stronger(At(correlation, day, halfWidth), At(correlation, week, halfWidth)));
            old = Stronger(old, At(correlation, held, halfWidth));
        }
    }

    static Period Stronger(Period one, Period other) => other.Strength > one.Strength ? other : one;

    /// <summary>
    /// A lag's strength: its correlation, less what was there in the valley before it (a trend has no valley); nothing off
    /// the top of its hill. A lag far longer than the moving average's width would see what the average took away.
    /// </summary>
    static Period At(ReadOnlySpan<float> correlation, int lag, int halfWidth)
    {
        if (lag < 2 || lag > Longest(correlation.Length, halfWidth))
        {
            return default;
        }

        var around = Math.Max(1, lag / 8);
        var top = TensorPrimitives.Max(correlation[(lag - around)..(lag + around + 1)]);
        var strength = MathF.Min(correlation[lag], correlation[lag] - TensorPrimitives.Min(correlation[..lag]));
        return strength > MathF.Max(0.1f, 2 / MathF.Sqrt(correlation.Length)) && correlation[lag] >= 0.9f * top ? new Period(lag, strength) : default;
    }

    static int Longest(int count, int halfWidth) => Math.Min(count / 3, 4 * halfWidth);

    /// <summary>The smallest lag that is nearly the highest peak after the first fall to nothing.</summary>
    static Period Peak(ReadOnlySpan<float> correlation, int halfWidth)
    {
        var longest = Longest(correlation.Length, halfWidth);
        var start = 1;
        while (start < longest && correlation[start] >= 0.05f)
        {
            start++;
        }

        // In noise the highest of many peaks reaches about three deviations, which is 3 / √count.
        var least = MathF.Max(0.2f, 4 / MathF.Sqrt(correlation.Length));
        var highest = least;
        for (var lag = Math.Max(start, 2); lag < longest; lag++)
        {
            highest = IsPeak(correlation, lag) ? MathF.Max(highest, correlation[lag]) : highest;
        }

        for (var lag = Math.Max(start, 2); lag < longest; lag++)
        {
            if (IsPeak(correlation, lag) && correlation[lag] >= 0.9f * highest && correlation[lag] >= least)
            {
                lag = Summit(correlation, lag, longest);
                return correlation[2 * lag] > 0.5f * correlation[lag] ? At(correlation, lag, halfWidth) : default;
            }
        }

        return default;
    }

    /// <summary>The top of the hill on whose near side a first peak was met.</summary>
    static int Summit(ReadOnlySpan<float> correlation, int lag, int longest)
    {
        var summit = lag;
        for (var next = lag + 1; next <= longest && next <= lag + (lag / 4); next++)
        {
            summit = correlation[next] > correlation[summit] ? next : summit;
        }

        return summit;
    }

    static bool IsPeak(ReadOnlySpan<float> correlation, int lag) =>
        correlation[lag] >= correlation[lag - 1] && correlation[lag] >= correlation[lag + 1];

    /// <summary>Cuts the values at the median ± 3 scaled median (if that is 0, mean) deviations; false for (all but) constant values.</summary>
    bool Clip(ReadOnlySpan<float> values)
    {
        var sorted = _sorted.AsSpan(0, values.Length);
        values.CopyTo(sorted);
        sorted.Sort();
        var median = sorted[sorted.Length / 2];
        for (var i = 0; i < values.Length; i++)
        {
            sorted[i] = MathF.Abs(values[i] - median);
        }

        sorted.Sort();
        var deviation = 1.4826f * sorted[sorted.Length / 2];
        var limit = 3 * (deviation > 0 ? deviation : TensorPrimitives.Sum<float>(sorted) / sorted.Length);
        for (var i = 0; i < values.Length; i++)
        {
            _values[i] = Math.Clamp(values[i] - median, -limit, limit);
        }

        return limit > 0;
    }

    /// <summary>The autocorrelations of the values less two moving averages, both by one transform: one is real, one imaginary.</summary>
    void Correlate(int count, int halfWidth1, int halfWidth2)
    {
        var length = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)(2 * count));
        var real = _real.AsSpan(0, length);
        var imaginary = _imaginary.AsSpan(0, length);
        Detrend(count, halfWidth1, real);
        Detrend(count, halfWidth2, imaginary);
        _fourier.Transform(real, imaginary);
        Separate(real, imaginary);
        _fourier.Transform(imaginary, real);
        Normalise(real, count);
        Normalise(imaginary, count);
    }

    void Detrend(int count, int halfWidth, Span<float> target)
    {
        for (var i = 0; i < count; i++)
        {
            _sums[i + 1] = _sums[i] + _values[i];
        }

        for (var i = 0; i < count; i++)
        {
            var (from, to) = (Math.Max(i - halfWidth, 0), Math.Min(i + halfWidth + 1, count));
            target[i] = _values[i] - (float)((_sums[to] - _sums[from]) / (to - from));
        }

        target[count..].Clear();
    }

    /// <summary>From the transform of a + ib to |A|² + i |B|², for real a and b.</summary>
    static void Separate(Span<float> real, Span<float> imaginary)
    {
        var n = real.Length;
        for (var k = 0; k <= n / 2; k++)
        {
            var m = (n - k) & (n - 1);
            var (evenReal, oddReal) = (real[k] + real[m], real[k] - real[m]);
            var (evenImaginary, oddImaginary) = (imaginary[k] + imaginary[m], imaginary[k] - imaginary[m]);
            var first = (evenReal * evenReal) + (oddImaginary * oddImaginary);
            var second = (oddReal * oddReal) + (evenImaginary * evenImaginary);
            (real[k], real[m], imaginary[k], imaginary[m]) = (first, first, second, second);
        }
    }

    /// <summary>Unbiased: each lag's mean product over the mean square.</summary>
    static void Normalise(Span<float> products, int count)
    {
        var scale = products[0] > 0 ? count / products[0] : 0;
        for (var lag = 0; lag < count; lag++)
        {
            products[lag] *= scale / (count - lag);
        }
    }
}
