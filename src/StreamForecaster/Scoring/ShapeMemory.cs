using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamForecaster.Scoring;

/// <summary>
/// The nearest-window memory: 32 stored windows of 24 values in 4 bits each. A value is coded as
/// round(3 asinh((x − μ)/σ)) within ± 7; windows are stored as they were 60 steps ago, so that what is going on now
/// is not compared with itself.
/// </summary>
struct ShapeMemory
{
    internal const int Length = 24;

    const int Packed = Length / 2;
    const int Windows = 32;
    const int Delay = 60;
    const int Every = 5;
    const int Recent = Length + Delay;
    const int Zero = 7;
    const double PerUnit = 3;

    // Where round(3 asinh z) goes up by one: sinh((k − ½)/3), k = 1..7; cheaper than asinh at every step.
    static readonly double[] Edges = [.. Enumerable.Range(1, Zero).Select(k => Math.Sinh((k - 0.5) / PerUnit))];

    double _mean;
    double _deviation;
    int _stored;
    int _next;              // the place of the ring that is written next
    RecentCodes _recent;    // 84 codes, two a byte
    WindowCodes _windows;   // [window, 12], code i low and code i + 12 high; 4 spare bytes for 16-byte loads

    /// <summary>
    /// Takes the <paramref name="steps"/>-th value in, and gives the L1 distance, in codes, of the last 24 values to
    /// the nearest stored window; 0 while none is stored.
    /// </summary>
    internal int Observe(double value, uint steps, double mean, double deviation)
    {
        if (steps is 0 or 24 or 60 or 149)
        {
            Recode(mean, deviation);
        }

        Put(_next, Code(value));
        _next = _next == Recent - 1 ? 0 : _next + 1;
        if (steps < Recent)
        {
            return 0;
        }

        var distance = _stored == 0 ? 0 : Nearest();
        if (steps % Every == 0)
        {
            Store(steps);
        }

        return distance;
    }

    readonly int Code(double value)
    {
        var apart = (value - _mean) / _deviation;
        var magnitude = Math.Abs(apart);
        var code = 0;
        foreach (var edge in Edges)
        {
            code += magnitude > edge ? 1 : 0;
        }

        return Zero + (apart < 0 ? -code : code);
    }

    void Recode(double mean, double deviation)
    {
        deviation = Math.Max(deviation, Math.Max(1e-9 * Math.Abs(mean), 1e-30));
        var (oldMean, oldDeviation) = (_mean, _deviation);
        (_mean, _deviation) = (mean, deviation);
        Span<byte> translate = stackalloc byte[16];
        for (var code = 0; code < 16; code++)
        {
            translate[code] = (byte)Code(oldMean + (oldDeviation * Math.Sinh((code - Zero) / PerUnit)));
        }

        foreach (ref var pair in (Span<byte>)_recent)
        {
            pair = (byte)(translate[pair & 15] | (translate[pair >> 4] << 4));
        }

        foreach (ref var pair in ((Span<byte>)_windows)[..(_stored * Packed)])
        {
            pair = (byte)(translate[pair & 15] | (translate[pair >> 4] << 4));
        }
    }

    void Put(int place, int code)
    {
        ref var pair = ref _recent[place >> 1];
        pair = (place & 1) == 0 ? (byte)((pair & 0xF0) | code) : (byte)((pair & 0x0F) | (code << 4));
    }

    /// <summary>Packs the 24 codes whose first was written <paramref name="age"/> steps ago.</summary>
    readonly void Pack(int age, Span<byte> packed)
    {
        var place = _next - age;
        place += place < 0 ? Recent : 0;
        ReadOnlySpan<byte> recent = _recent;
        for (var shift = 0; shift <= 4; shift += 4)
        {
            for (var i = 0; i < Packed; i++)
            {
                var code = (recent[place >> 1] >> ((place & 1) << 2)) & 15;
                packed[i] |= (byte)(code << shift);
                place = place == Recent - 1 ? 0 : place + 1;
            }
        }
    }

    void Store(uint steps)
    {
        // When full, a scrambled step number picks the place: the same choice in every run.
        var place = _stored < Windows ? _stored++ : (int)(((steps / Every) * 2654435769u) >> 27);
        Span<byte> window = ((Span<byte>)_windows).Slice(place * Packed, Packed);
        window.Clear();
        Pack(Recent, window);
    }

    readonly int Nearest()
    {
        Span<byte> now = stackalloc byte[16];
        now.Clear();
        Pack(Length, now);
        var nibble = Vector128.Create((byte)15);
        var current = Vector128.Create<byte>(now);
        var (low, high) = (current & nibble, current >>> 4);
        var used = Vector128.Create(-1, -1, -1, 0).AsByte();
        ref var windows = ref MemoryMarshal.GetReference((ReadOnlySpan<byte>)_windows);
        var nearest = int.MaxValue;
        for (var i = 0; i < _stored; i++)
        {
            var window = Vector128.LoadUnsafe(ref windows, (nuint)(i * Packed)) & used;
            var (a, b) = (window & nibble, window >>> 4);
            var apart = Vector128.Max(a, low) - Vector128.Min(a, low) + (Vector128.Max(b, high) - Vector128.Min(b, high));

            // At most 28 a byte: neighbours added in pairs, then everything, without overflow.
            var pairs = (apart.AsUInt16() & Vector128.Create((ushort)255)) + (apart.AsUInt16() >>> 8);
            nearest = Math.Min(nearest, Vector128.Sum(pairs));
        }

        return nearest;
    }

    [InlineArray(Recent / 2)]
    struct RecentCodes
    {
        byte _first;
    }

    [InlineArray((Windows * Packed) + 4)]
    struct WindowCodes
    {
        byte _first;
    }
}
