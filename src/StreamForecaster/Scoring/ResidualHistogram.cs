using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StreamForecaster.Scoring;

/// <summary>
/// How large a series' residuals have been lately, in halves of octaves of the forecast's half band width. Counting makes
/// it robust: one huge residual is one count.
/// </summary>
struct ResidualHistogram
{
    const int Bins = 24;
    const int FirstOctave = -4;
    const uint Memory = 4000; // halved when reached: the last few thousand steps count

    Counts _counts;
    ushort _total;

    /// <summary>The share of recent residuals at least as large, (k + 1)/(n + 1), between bins interpolated.</summary>
    internal readonly double PValue(float magnitude)
    {
        var position = Position(magnitude);
        var bin = Math.Min((int)position, Bins - 1);
        var sums = Vector128<ushort>.Zero;
        for (var i = 0; i < Bins; i += Vector128<ushort>.Count)
        {
            var counts = Vector128.LoadUnsafe(ref Unsafe.AsRef(in _counts[i]));
            var places = Vector128.Create((ushort)i) + Vector128<ushort>.Indices;
            sums += counts & Vector128.GreaterThan(places, Vector128.Create((ushort)bin));
        }

        var above = Vector128.Sum(sums) + ((1 - (position - bin)) * _counts[bin]);
        return (above + 1.0) / (_total + 1);
    }

    /// <summary>Counts a residual.</summary>
    internal void Observe(float magnitude)
    {
        _counts[Math.Min((int)Position(magnitude), Bins - 1)]++;
        _total++;
        if (_total < Memory)
        {
            return;
        }

        _total = 0;
        foreach (ref var count in (Span<ushort>)_counts)
        {
            count >>= 1;
            _total += count;
        }
    }

    // In half octaves, straight between a float's exponents: an octave's halves are parted at 1.5 times its beginning.
    static float Position(float magnitude)
    {
        const int fraction = 23;
        const int first = (127 + FirstOctave) << fraction;
        return Math.Clamp((BitConverter.SingleToInt32Bits(magnitude) - first) * (2f / (1 << fraction)), 0, Bins);
    }

    [InlineArray(Bins)]
    struct Counts
    {
        ushort _first;
    }
}
