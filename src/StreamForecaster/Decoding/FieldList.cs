using System.Text.Unicode;

namespace StreamForecaster.Decoding;

/// <summary>The fields of one metric, kept until its name, tags and time are known. Scratch of one decoder.</summary>
sealed class FieldList
{
    readonly ByteBuffer _names = new(1024);
    Field[] _fields = new Field[64];
    int _count;

    /// <summary>True where there is none.</summary>
    public bool IsEmpty => _count == 0;

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        _names.Clear();
        _count = 0;
    }

    /// <summary>Appends a field; false where its name cannot be used.</summary>
    public bool TryAdd(ReadOnlySpan<byte> name, double value, bool checkUtf8)
    {
        if (name.IsEmpty || name.Length > SeriesKeyBuilder.MaxBytes || (checkUtf8 && !Utf8.IsValid(name)))
        {
            return false;
        }

        if (_count == _fields.Length)
        {
            Array.Resize(ref _fields, 2 * _count);
        }

        int start = _names.Length;
        KeyText.AppendPart(_names, name);
        _fields[_count++] = new(start, _names.Length - start, value);
        return true;
    }

    /// <summary>Adds a point per field.</summary>
    public void AddTo(PointBatch points, SeriesKeyBuilder key, int at, long timestampNs)
    {
        ReadOnlySpan<byte> tags = key.Tags();
        foreach (Field field in _fields.AsSpan(0, _count))
        {
            points.Add(key.Name, tags, _names.Written.Slice(field.Start, field.Length), at, timestampNs, field.Value);
        }
    }

    readonly record struct Field(int Start, int Length, double Value);
}
