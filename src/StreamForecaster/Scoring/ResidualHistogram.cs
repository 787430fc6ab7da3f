using System.Runtime.CompilerServices;

namespace StreamForecaster.Scoring;

/// <summary>
/// How large a series' residuals have been lately, in half octaves of the forecast's half band width. Counting makes
/// it robust: one huge residual is one count.
/// </summary>
struct ResidualHistogram
{
    const int Bins = 24;
    const int FirstOctave = -4;
    const uint Memory = 4000; // halved when reached: the last few thousand steps count

    Counts _counts;
    uint _total;

    /// <summary>The share of recent residuals at least as large, (k + 1)/(n + 1), between bins interpolated.</summary>
    internal readonly double PValue(double magnitude)
    {
        var position = Position(magnitude);
        var bin = Math.Min((int)position, Bins - 1);
        var above = (1 - (position - bin)) * _counts[bin];
        for (var i = bin + 1; i < Bins; i++)
        {
            above += _counts[i];
        }

        return (above + 1) / (_total + 1);
    }

    /// <summary>Counts a residual.</summary>
    internal void Observe(double magnitude)
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

    static double Position(double magnitude) =>
        Math.Clamp(2 * (Math.Log2(Math.Max(magnitude, 1e-9)) - FirstOctave), 0, Bins);

    [InlineArray(Bins)]
    struct Counts
    {
        ushort _first;
    }
}
