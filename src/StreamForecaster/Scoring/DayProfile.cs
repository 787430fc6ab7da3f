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
    double _sum;   // of the slot we are in
    float _unit;   // 0: no slot is known
    ushort _count;
    byte _slot;
    Values _values;

    /// <summary>The usual value at a time of day, between the slots' middles; <paramref name="fallback"/> where unknown.</summary>
    internal readonly double At(int secondOfDay, double fallback)
    {
        // Half a slot later, so that the division is one of positive numbers.
        var later = secondOfDay + (SlotSeconds / 2);
        var slot = later / SlotSeconds;
        var share = (later - (slot * SlotSeconds)) * (1.0 / SlotSeconds);
        var (left, right) = (_values[slot == 0 ? Slots - 1 : slot - 1], _values[slot == Slots ? 0 : slot]);
        if (!left.IsKnown && !right.IsKnown)
        {
            return fallback;
        }

        var a = (left.IsKnown ? left : right).Value;
        var b = (right.IsKnown ? right : left).Value;
        return _base + (_unit * (a + (share * (b - a))));
    }

    /// <summary>Takes a value in; the slot learns when it is left.</summary>
    internal void Observe(int secondOfDay, double value, double mean, double deviation)
    {
        var slot = (byte)Math.Clamp(secondOfDay / SlotSeconds, 0, Slots - 1);
        if (slot != _slot && _count > 0)
        {
            Close(mean, deviation);
        }

        _slot = slot;
        if (_count < ushort.MaxValue)
        {
            _sum += value;
            _count++;
        }
    }

    void Close(double mean, double deviation)
    {
        if (_unit == 0)
        {
            _base = mean;
            _unit = (float)Math.Max(deviation, Math.Max(1e-9 * Math.Abs(mean), 1e-30));
        }

        var coded = ((_sum / _count) - _base) / _unit;
        ref var slot = ref _values[_slot];
        coded = slot.IsKnown ? slot.Value + (Rate * (coded - slot.Value)) : coded;
        slot = SlotValue.Of(Math.Clamp(coded, -Largest, Largest));
        (_sum, _count) = (0, 0);
    }

    /// <summary>A 16-bit float, kept with its sign turned round: what memory holds at first, zero, would be −0, and is taken for unknown.</summary>
    readonly struct SlotValue
    {
        const ushort Sign = 0x8000;

        readonly ushort _bits;

        SlotValue(ushort bits) => _bits = bits;

        internal bool IsKnown => _bits != 0;

        internal double Value => (double)BitConverter.UInt16BitsToHalf((ushort)(_bits ^ Sign));

        internal static SlotValue Of(double value)
        {
            var bits = BitConverter.HalfToUInt16Bits((Half)value);
            return new SlotValue((ushort)(bits == Sign ? Sign : bits ^ Sign));
        }
    }

    [InlineArray(Slots)]
    struct Values
    {
        SlotValue _first;
    }
}
