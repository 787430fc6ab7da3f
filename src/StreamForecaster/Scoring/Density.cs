using System.Runtime.CompilerServices;

namespace StreamForecaster.Scoring;

/// <summary>
/// A density of 48 bins over all values seen, forgetting with a memory of 6,000 steps. The range starts tiny and
/// doubles, pairs of bins becoming one, whenever a value falls outside.
/// </summary>
struct Density
{
    const int Bins = 48;
    const float Memory = 6000;
    const float Side = 0.0404f; // a Gaussian of a fifth of a bin, as weights of the bin and its two neighbours
    const double Narrowest = 1e-30;

    double _low;
    double _binWidth;
    float _increment; // one observation, in counts: it grows, which is forgetting the older ones
    float _total;     // sum of all bins, in counts
    Counts _counts;

    /// <summary>−log₁₀ of the share of observations at this value; takes no note of it.</summary>
    internal readonly float Novelty(double value)
    {
        if (_increment == 0)
        {
            return 0;
        }

        var position = (value - _low) / _binWidth;
        var count = position is >= 0 and < Bins ? _counts[(int)position] / _increment : 0;
        return Decades.Log10(((_total / _increment) + 1) / (count + 0.2f));
    }

    /// <summary>Counts a value; <paramref name="dither"/> in [0, 1) rounds.</summary>
    internal void Observe(double value, float dither)
    {
        if (_increment == 0)
        {
            _increment = 16;
            _binWidth = Math.Max(1e-4 * Math.Abs(value) / Bins, Narrowest);
            _low = value - (_binWidth * Bins / 2);
        }

        while (value < _low || value >= _low + (_binWidth * Bins))
        {
            Widen(value < _low);
        }

        var bin = Math.Clamp((int)((value - _low) / _binWidth), 0, Bins - 1);
        Add(bin, (1 - (2 * Side)) * _increment, dither);
        Add(bin - 1, Side * _increment, dither);
        Add(bin + 1, Side * _increment, dither);
        _increment *= 1 + (1 / Memory);
        if (_counts[bin] > 60_000 || (bin > 0 && _counts[bin - 1] > 60_000) || (bin < Bins - 1 && _counts[bin + 1] > 60_000))
        {
            Halve();
        }
    }

    void Add(int bin, float amount, float dither)
    {
        var counts = (uint)(amount + dither);
        if ((uint)bin < Bins)
        {
            _counts[bin] += (ushort)counts;
            _total += counts;
        }
    }

    void Halve()
    {
        Span<ushort> counts = _counts;
        var total = 0f;
        for (var i = 0; i < Bins; i++)
        {
            counts[i] >>= 1;
            total += counts[i];
        }

        _total = total;
        _increment /= 2;
    }

    void Widen(bool downwards)
    {
        Span<ushort> counts = _counts;
        Span<ushort> merged = stackalloc ushort[Bins];
        var half = downwards ? Bins / 2 : 0;
        for (var i = 0; i < Bins / 2; i++)
        {
            merged[half + i] = (ushort)Math.Min(counts[2 * i] + counts[(2 * i) + 1], 65_000);
        }

        merged.CopyTo(counts);
        _low -= downwards ? _binWidth * Bins : 0;
        _binWidth *= 2;
    }

    [InlineArray(Bins)]
    struct Counts
    {
        ushort _first;
    }
}
