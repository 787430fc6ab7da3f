namespace StreamForecaster.Decoding;

/// <summary>
/// The points and errors of one record, keys in one run of bytes. Reused: it allocates only while it grows, and refuses to
/// grow past <paramref name="maxBytes"/> (a record may repeat a long tag set for every field).
/// </summary>
/// <param name="maxBytes">The most bytes of keys that it holds.</param>
public sealed class PointBatch(int maxBytes = 64 * 1024 * 1024)
{
    byte[] _keys = new byte[16 * 1024];
    int _used;
    Entry[] _entries = new Entry[256];
    Problem[] _problems = new Problem[16];

    /// <summary>The number of points.</summary>
    public int Count { get; private set; }

    /// <summary>The number of bad pieces.</summary>
    public int ErrorCount { get; private set; }

    /// <summary>The number of points that the include and exclude patterns left out: no errors.</summary>
    public int ExcludedCount { get; private set; }

    /// <summary>The number of values that are not series by nature (strings, booleans, null, NaN, infinities): no errors.</summary>
    public int SkippedCount { get; private set; }

    /// <summary>The series key of a point: <c>name,tag=v,tag2=v2 field</c>, escaped, tags sorted. Valid until the next change.</summary>
    public ReadOnlySpan<byte> Key(int index)
    {
        ref readonly Entry entry = ref At(index);
        return _keys.AsSpan(entry.Start, entry.Length);
    }

    /// <summary>A point's time, Unix ns.</summary>
    public long TimestampNs(int index) => At(index).TimestampNs;

    /// <summary>A point's value; always finite.</summary>
    public double Value(int index) => At(index).Value;

    /// <summary>What was wrong, and the byte of the payload (after inflation) where it was seen.</summary>
    public (string Reason, int At) Error(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)ErrorCount, nameof(index));
        return (_problems[index].Reason, _problems[index].At);
    }

    /// <summary>Appends a point with a canonical key.</summary>
    public void Add(ReadOnlySpan<byte> key, long timestampNs, double value)
    {
        if (TryReserve(key.Length, 0, out Span<byte> to))
        {
            key.CopyTo(to);
            Append(key.Length, timestampNs, value);
        }
    }

    /// <summary>Appends a point whose key is <paramref name="name"/> + <paramref name="tags"/> + space + <paramref name="field"/>, all
    /// escaped already.</summary>
    internal void Add(
        ReadOnlySpan<byte> name,
        ReadOnlySpan<byte> tags,
        ReadOnlySpan<byte> field,
        int at,
        long timestampNs,
        double value)
    {
        int prefix = name.Length + tags.Length;
        int length = prefix + 1 + field.Length;
        if (TryReserve(length, at, out Span<byte> to))
        {
            name.CopyTo(to);
            tags.CopyTo(to[name.Length..]);
            to[prefix] = (byte)' ';
            field.CopyTo(to[(prefix + 1)..]);
            Append(length, timestampNs, value);
        }
    }

    /// <summary>Notes a bad piece at a byte of the payload.</summary>
    public void AddError(string reason, int at)
    {
        if (ErrorCount == _problems.Length)
        {
            Array.Resize(ref _problems, 2 * ErrorCount);
        }

        _problems[ErrorCount++] = new(reason, at);
    }

    /// <summary>Notes a value that is not a series.</summary>
    internal void Skip() => SkippedCount++;

    /// <summary>Moves the positions of the errors from <paramref name="first"/> on: their decoder saw a slice of the payload.</summary>
    internal void ShiftErrors(int first, int by)
    {
        for (int i = first; i < ErrorCount; i++)
        {
            _problems[i] = _problems[i] with { At = _problems[i].At + by };
        }
    }

    /// <summary>Drops the points from <paramref name="first"/> on that the filter refuses, and counts them.</summary>
    internal void Filter(SeriesFilter filter, int first)
    {
        int kept = first;
        for (int i = first; i < Count; i++)
        {
            if (filter.Passes(Key(i)))
            {
                _entries[kept++] = _entries[i];
            }
        }

        ExcludedCount += Count - kept;
        Count = kept;
    }

    /// <summary>Empties it, keeps the memory.</summary>
    public void Clear() => Count = ErrorCount = ExcludedCount = SkippedCount = _used = 0;

    ref readonly Entry At(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        return ref _entries[index];
    }

    bool TryReserve(int length, int at, out Span<byte> to)
    {
        if (length > _keys.Length - _used && !TryGrow(length))
        {
            AddError("the record gives more points than fit the limit", at);
            to = default;
            return false;
        }

        to = _keys.AsSpan(_used, length);
        return true;
    }

    void Append(int length, long timestampNs, double value)
    {
        if (Count == _entries.Length)
        {
            Array.Resize(ref _entries, 2 * Count);
        }

        _entries[Count++] = new(_used, length, timestampNs, value);
        _used += length;
    }

    bool TryGrow(int length)
    {
        if (length > maxBytes - _used)
        {
            return false;
        }

        Array.Resize(ref _keys, (int)Math.Min(maxBytes, Math.Max(2L * _keys.Length, (long)_used + length)));
        return true;
    }

    readonly record struct Entry(int Start, int Length, long TimestampNs, double Value);

    readonly record struct Problem(string Reason, int At);
}
