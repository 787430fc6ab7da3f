using System.Runtime.CompilerServices;

namespace StreamForecaster.Scoring;

/// <summary>The usual value at each half hour of the day.</summary>
struct DayProfile
{
    const int Slots = 48;
    const int SlotSeconds = 86_400 / Slots;
    const double Rate = 0.2;
    const double Largest = 60_000; // what a 16-bit float holds

    double _base;  // slots hold (value − base) / unit, so that 16 bits are enough
    double _unit;
    double _sum;   // of the slot we are in
    int _count;
    int _slot;
    Values _values;
    ulong _known;

    /// <summary>The usual value at a time of day, between the slots' middles; <paramref name="fallback"/> where unknown.</summary>
    internal readonly double At(int secondOfDay, double fallback)
    {
        var position = ((double)secondOfDay / SlotSeconds) - 0.5;
        var left = (int)Math.Floor(position);
        var share = position - left;
        left = (left + Slots) % Slots;
        var right = (left + 1) % Slots;
        var (knowsLeft, knowsRight) = (Knows(left), Knows(right));
        if (!knowsLeft && !knowsRight)
        {
            return fallback;
        }

        var a = (double)_values[knowsLeft ? left : right];
        var b = (double)_values[knowsRight ? right : left];
        return _base + (_unit * (a + (share * (b - a))));
    }

    /// <summary>Takes a value in; the slot learns when it is left.</summary>
    internal void Observe(int secondOfDay, double value, double mean, double deviation)
    {
        var slot = Math.Clamp(secondOfDay / SlotSeconds, 0, Slots - 1);
        if (slot != _slot && _count > 0)
        {
            Close(mean, deviation);
        }

        _slot = slot;
        _sum += value;
        _count++;
    }

    readonly bool Knows(int slot) => ((_known >> slot) & 1) != 0;

    void Close(double mean, double deviation)
    {
        if (_known == 0)
        {
            _base = mean;
            _unit = Math.Max(deviation, Math.Max(1e-9 * Math.Abs(mean), 1e-30));
        }

        var coded = ((_sum / _count) - _base) / _unit;
        var old = (double)_values[_slot];
        coded = Knows(_slot) ? old + (Rate * (coded - old)) : coded;
        _values[_slot] = (Half)Math.Clamp(coded, -Largest, Largest);
        _known |= 1UL << _slot;
        (_sum, _count) = (0, 0);
    }

    [InlineArray(Slots)]
    struct Values
    {
        Half _first;
    }
}
