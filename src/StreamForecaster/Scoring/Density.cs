using System.Runtime.CompilerServices;

namespace StreamForecaster.Scoring;

/// <summary>
/// A density of 48 bins over all values seen, forgetting with a memory of 6,000 steps (<see cref="DensityClock"/>). The range starts tiny
/// and doubles, pairs of bins becoming one, whenever a value falls outside.
/// </summary>
struct Density
{
    const int Bins = 48;
    const float Side = 0.0404f; // a Gaussian of a fifth of a bin, as weights of the bin and its two neighbours
    const float Narrowest = 1e-30f;

    float _low;
    float _binWidth;
    Counts _counts;

    /// <summary>log₁₀ of the observations near this value, and a fifth of one; takes no note of it.</summary>
    internal readonly float LogCount(double value, in DensityClock clock)
    {
        var position = Position(value);
        var count = position is >= 0 and < Bins ? SmallCount.Decode(_counts[(int)position]) : 0;
        return Decades.Log10((count / clock.Counts) + 0.2f);
    }

    /// <summary>Counts a value; <paramref name="dither"/> in [0, 1) rounds.</summary>
    internal void Observe(double value, in DensityClock clock, float dither)
    {
        if (_binWidth == 0)
        {
            _binWidth = Math.Max(1e-4f * Math.Abs((float)value) / Bins, Narrowest);
            _low = (float)(value - (_binWidth * Bins / 2));
        }

        float position;
        while ((position = Position(value)) is < 0 or >= Bins)
        {
            Widen(downwards: position < 0);
        }

        var bin = (int)position;
        Add(bin, (1 - (2 * Side)) * clock.Counts, dither);
        Add(bin - 1, Side * clock.Counts, dither);
        Add(bin + 1, Side * clock.Counts, dither);
    }

    /// <summary>Makes half of every count.</summary>
    internal void Halve()
    {
        for (var i = 0; i < Bins; i++)
        {
            _counts[i] = SmallCount.Halve(_counts[i]);
        }
    }

    readonly float Position(double value) => (float)(value - _low) / _binWidth;

    void Add(int bin, float amount, float dither)
    {
        if ((uint)bin < Bins)
        {
            _counts[bin] = SmallCount.Encode(SmallCount.Decode(_counts[bin]) + amount, dither);
        }
    }

    void Widen(bool downwards)
    {
        Counts merged = default;
        var half = downwards ? Bins / 2 : 0;
        for (var i = 0; i < Bins / 2; i++)
        {
            var pair = SmallCount.Decode(_counts[2 * i]) + SmallCount.Decode(_counts[(2 * i) + 1]);
            merged[half + i] = SmallCount.Encode(pair, dither: 0.5f);
        }

        _counts = merged;
        _low -= downwards ? _binWidth * Bins : 0;
        _binWidth *= 2;
    }

    /// <summary>A <see cref="SmallCount"/> a bin: the lower eight of its bits, and the upper two of four bins in a byte.</summary>
    struct Counts
    {
        const int LowBits = 8;
        const int HighBits = SmallCount.Bits - LowBits;
        const int BinsAByte = 8 / HighBits;
        const int Mask = (1 << HighBits) - 1;

        Lows _lows;
        Highs _highs;

        internal uint this[int bin]
        {
            readonly get => _lows[bin] | ((((uint)_highs[bin / BinsAByte] >> Shift(bin)) & Mask) << LowBits);
            set
            {
                _lows[bin] = (byte)value;
                ref var high = ref _highs[bin / BinsAByte];
                high = (byte)((high & ~(Mask << Shift(bin))) | (int)((value >> LowBits) << Shift(bin)));
            }
        }

        static int Shift(int bin) => bin % BinsAByte * HighBits;

        [InlineArray(Bins)]
        struct Lows
        {
            byte _first;
        }

        [InlineArray(Bins / BinsAByte)]
        struct Highs
        {
            byte _first;
        }
    }
}
