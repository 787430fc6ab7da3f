using System.Runtime.InteropServices;

namespace StreamForecaster.Alignment;

/// <summary>
/// Lane time: the largest event time seen. It believes a point only near its record's timestamp, and a record's timestamp only near
/// the median of the last 101, so that one record from the year 9999 moves nothing (DESIGN section 1, event time).
/// </summary>
public sealed class LaneClock(long maxAheadNs, long maxAgeNs)
{
    const int Remembered = 101;

    readonly long[] _ring = new long[Remembered];
    readonly long[] _sorted = new long[Remembered];
    int _count;
    int _next;
    long _base = long.MinValue;

    /// <summary>The bytes of <see cref="Save"/>.</summary>
    public const int StateBytes = (Remembered + 4) * sizeof(long);

    /// <summary>The largest event time seen, nanoseconds since 1970; <see cref="long.MinValue"/> before the first point.</summary>
    public long LaneTime { get; private set; } = long.MinValue;

    /// <summary>Takes note of a record and returns the time that its points are held against.</summary>
    /// <param name="recordNs">The record's timestamp; negative where it has none.</param>
    public long Believe(long recordNs)
    {
        (long anchor, long allowance) = Expect();
        if (recordNs < 0)
        {
            return anchor;
        }

        Remember(recordNs);
        return anchor == long.MinValue || recordNs - anchor <= allowance ? Math.Max(recordNs, anchor) : anchor;
    }

    // Of a sparse partition the median lies far back: half the remembered records come after it. What a quarter of them took, before
    // the median and so out of an outlier's reach, says how far.
    (long Anchor, long Allowance) Expect()
    {
        if (_count == 0)
        {
            return (_base, maxAheadNs);
        }

        long median = _sorted[_count / 2];
        long spread = 4 * Math.Min(median - _sorted[_count / 4], long.MaxValue / 16);
        return _base >= median + spread ? (_base, maxAheadNs) : (median, spread + maxAheadNs);
    }

    /// <summary>Judges a point's time and lets it move lane time.</summary>
    /// <param name="pointNs">The point's time.</param>
    /// <param name="believedNs">What <see cref="Believe"/> returned for its record.</param>
    public PointTime Accept(long pointNs, long believedNs)
    {
        if (believedNs != long.MinValue && pointNs > believedNs && pointNs - believedNs > maxAheadNs)
        {
            return PointTime.TooFarAhead;
        }

        if (LaneTime != long.MinValue && pointNs < LaneTime && LaneTime - pointNs > maxAgeNs)
        {
            return PointTime.TooOld;
        }

        LaneTime = Math.Max(LaneTime, pointNs);
        return PointTime.Good;
    }

    /// <summary>A journal entry advances lane time (an idle partition), and re-bases what is believed.</summary>
    public void Advance(long laneTimeNs, long nowNs)
    {
        LaneTime = Math.Max(LaneTime, laneTimeNs);
        _base = Math.Max(_base, nowNs);
    }

    /// <summary>Writes the clock's state, <see cref="StateBytes"/> long.</summary>
    public void Save(Span<byte> state)
    {
        Span<long> words = MemoryMarshal.Cast<byte, long>(state);
        words[0] = LaneTime;
        words[1] = _base;
        words[2] = _count;
        words[3] = _next;
        _ring.CopyTo(words[4..]);
    }

    /// <summary>True for what <see cref="Save"/> can have written.</summary>
    public static bool IsState(ReadOnlySpan<byte> state) =>
        state.Length == StateBytes && MemoryMarshal.Cast<byte, long>(state) is var words && words[2] is >= 0 and <= Remembered && words[3] is >= 0 and < Remembered;

    /// <summary>Takes the state that <see cref="Save"/> wrote.</summary>
    public void Load(ReadOnlySpan<byte> state)
    {
        ReadOnlySpan<long> words = MemoryMarshal.Cast<byte, long>(state);
        LaneTime = words[0];
        _base = words[1];
        _count = (int)words[2];
        _next = (int)words[3];
        words.Slice(4, Remembered).CopyTo(_ring);
        _ring.AsSpan().CopyTo(_sorted);
        _sorted.AsSpan(0, _count).Sort();
    }

    void Remember(long recordNs)
    {
        if (_count == Remembered)
        {
            int old = _sorted.AsSpan().BinarySearch(_ring[_next]);
            _sorted.AsSpan(old + 1).CopyTo(_sorted.AsSpan(old));
            _count--;
        }

        int at = _sorted.AsSpan(0, _count).BinarySearch(recordNs);
        at = at < 0 ? ~at : at;
        _sorted.AsSpan(at, _count - at).CopyTo(_sorted.AsSpan(at + 1));
        _sorted[at] = recordNs;
        _ring[_next] = recordNs;
        _next = (_next + 1) % Remembered;
        _count++;
    }
}

/// <summary>The clock's judgement of a point.</summary>
public enum PointTime
{
    /// <summary>It may be used.</summary>
    Good,

    /// <summary>More than <c>max_ahead</c> past its record's timestamp.</summary>
    TooFarAhead,

    /// <summary>More than <c>max_age</c> before lane time.</summary>
    TooOld,
}
