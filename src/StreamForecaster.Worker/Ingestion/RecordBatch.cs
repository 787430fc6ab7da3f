namespace StreamForecaster.Worker.Ingestion;

/// <summary>Raw records of one partition in offset order, copied into one run of bytes; spans stay valid until the batch is cleared.</summary>
public sealed class RecordBatch
{
    readonly ByteBuffer _bytes = new(64 * 1024);
    Entry[] _entries = new Entry[256];

    /// <summary>The number of records.</summary>
    public int Count { get; private set; }

    /// <summary>The bytes of all keys and values.</summary>
    public int ByteCount => _bytes.Length;

    /// <summary>The record at <paramref name="index"/>.</summary>
    public RawRecord this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            ref readonly Entry entry = ref _entries[index];
            ReadOnlySpan<byte> bytes = _bytes.Written.Slice(entry.Start, entry.KeyLength + entry.ValueLength);
            return new(entry.Offset, entry.TimestampMs, bytes[..entry.KeyLength], bytes[entry.KeyLength..], entry.FullLength);
        }
    }

    /// <summary>Appends a copy of a record. Offsets must grow.</summary>
    public void Add(long offset, long timestampMs, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
        Add(offset, timestampMs, key, value, value.Length);

    /// <summary>Appends a copy of a record whose value was <paramref name="fullLength"/> bytes long before it was cut.</summary>
    public void Add(long offset, long timestampMs, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, int fullLength)
    {
        if (Count == _entries.Length)
        {
            Array.Resize(ref _entries, 2 * Count);
        }

        _entries[Count++] = new(offset, timestampMs, _bytes.Length, key.Length, value.Length, fullLength);
        _bytes.Append(key);
        _bytes.Append(value);
    }

    /// <summary>Empties the batch for its next use.</summary>
    public void Clear()
    {
        Count = 0;
        _bytes.Clear();
    }

    readonly record struct Entry(long Offset, long TimestampMs, int Start, int KeyLength, int ValueLength, int FullLength);
}

/// <summary>One record as it lies in its batch. <paramref name="timestampMs"/> is Unix milliseconds, or negative where the broker sent none.</summary>
public readonly ref struct RawRecord(
    long offset, long timestampMs, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, int fullLength)
{
    /// <summary>The record's offset in its partition.</summary>
    public long Offset { get; } = offset;

    /// <summary>The record's own timestamp, Unix milliseconds; negative where there is none.</summary>
    public long TimestampMs { get; } = timestampMs;

    /// <summary>The key's bytes; empty where there is none.</summary>
    public ReadOnlySpan<byte> Key { get; } = key;

    /// <summary>The value's bytes.</summary>
    public ReadOnlySpan<byte> Value { get; } = value;

    /// <summary>The value's length as it came; more than that of <see cref="Value"/> where it was over the limit and cut.</summary>
    public int FullLength { get; } = fullLength;
}
