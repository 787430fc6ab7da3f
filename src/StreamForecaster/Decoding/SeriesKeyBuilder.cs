using System.Text.Unicode;

namespace StreamForecaster.Decoding;

/// <summary>
/// Gathers a name and tags in any order into the canonical first part of a series key. Tags that arrive sorted, as Telegraf
/// and most senders write them, are used as they lie. Scratch of one decoder.
/// </summary>
sealed class SeriesKeyBuilder
{
    /// <summary>The longest name with tags: what bounds a series' identity in memory. InfluxDB's own limit is 64 KiB.</summary>
    public const int MaxBytes = 4096;

    readonly ByteBuffer _name = new(256);
    readonly ByteBuffer _tags = new(1024); // ",key=value" of each tag, in order of arrival
    readonly ByteBuffer _sorted = new(1024);
    readonly Comparison<Tag> _order;
    Tag[] _entries = new Tag[64];
    int _count;
    int _sortedUpTo; // the number of leading tags that are in strictly ascending order of key

    public SeriesKeyBuilder() => _order = Compare;

    /// <summary>The name, escaped; empty while there is none.</summary>
    public ReadOnlySpan<byte> Name => _name.Written;

    /// <summary>What <see cref="Return"/> goes back to: the tags so far, and whether they are usable.</summary>
    public KeyMark Mark => new(_count, Problem);

    /// <summary>What makes this key unusable, or null.</summary>
    public string? Problem { get; private set; }

    /// <summary>Checks parts for valid UTF-8, where the payload as a whole has not passed.</summary>
    public bool CheckUtf8 { get; set; }

    /// <summary>Forgets name and tags.</summary>
    public void Clear()
    {
        _name.Clear();
        Return(default);
    }

    /// <summary>Forgets the tags, and problems, after a mark. The name stays.</summary>
    public void Return(KeyMark mark)
    {
        _count = mark.TagCount;
        _tags.Truncate(_count == 0 ? 0 : _entries[_count - 1].End);
        _sortedUpTo = Math.Min(_sortedUpTo, _count);
        Problem = mark.Problem;
    }

    /// <summary>Sets the name.</summary>
    public void SetName(ReadOnlySpan<byte> text)
    {
        _name.Clear();
        if (IsUsable(text))
        {
            KeyText.AppendName(_name, text);
        }
    }

    /// <summary>Adds a tag. One without value does not count; the last of several with one key does.</summary>
    public void AddTag(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty || !IsUsable(key) || !IsUsable(value))
        {
            return;
        }

        if (key.IsEmpty)
        {
            Problem ??= "a tag without a name";
            return;
        }

        int start = _tags.Length;
        _tags.Append((byte)',');
        KeyText.AppendPart(_tags, key);
        int keyLength = _tags.Length - start;
        _tags.Append((byte)'=');
        KeyText.AppendPart(_tags, value);
        Append(new(start, keyLength, _tags.Length));
    }

    /// <summary>Makes the key unusable: a tag that it should have cannot be read.</summary>
    public void Spoil(string problem) => Problem ??= problem;

    /// <summary>The tags, escaped and sorted, each with a comma before it. Valid until the next change.</summary>
    public ReadOnlySpan<byte> Tags()
    {
        if (_sortedUpTo == _count)
        {
            return _tags.Written;
        }

        Span<Tag> order = stackalloc Tag[_count];
        _entries.AsSpan(0, _count).CopyTo(order);
        order.Sort(_order);
        _sorted.Clear();
        for (int i = 0; i < order.Length; i++)
        {
            if (i + 1 == order.Length || !KeyOf(order[i]).SequenceEqual(KeyOf(order[i + 1])))
            {
                _sorted.Append(_tags.Written[order[i].Start..order[i].End]);
            }
        }

        return _sorted.Written;
    }

    bool IsUsable(ReadOnlySpan<byte> text)
    {
        if (text.Length > MaxBytes - _name.Length - _tags.Length)
        {
            Problem ??= "name and tags are longer than 4096 bytes";
        }
        else if (CheckUtf8 && !Utf8.IsValid(text))
        {
            Problem ??= "not valid UTF-8";
        }

        return Problem is null;
    }

    void Append(Tag tag)
    {
        if (_count == _entries.Length)
        {
            Array.Resize(ref _entries, 2 * _count);
        }

        bool inOrder = _sortedUpTo == _count
            && (_count == 0 || KeyOf(_entries[_count - 1]).SequenceCompareTo(KeyOf(tag)) < 0);
        _entries[_count++] = tag;
        if (inOrder)
        {
            _sortedUpTo = _count;
        }
    }

    ReadOnlySpan<byte> KeyOf(Tag tag) => _tags.Written.Slice(tag.Start + 1, tag.KeyLength - 1);

    int Compare(Tag left, Tag right)
    {
        int order = KeyOf(left).SequenceCompareTo(KeyOf(right));
        return order != 0 ? order : left.Start.CompareTo(right.Start);
    }

    /// <summary>The number of tags, and the problem, at some time.</summary>
    public readonly record struct KeyMark(int TagCount, string? Problem);

    readonly record struct Tag(int Start, int KeyLength, int End);
}
