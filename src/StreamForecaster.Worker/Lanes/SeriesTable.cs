namespace StreamForecaster.Worker.Lanes;

/// <summary>The series of a lane by key: open addressing over an array, found without making a key object.</summary>
sealed class SeriesTable
{
    const int Empty = 0;
    const int Deleted = -1;

    readonly Stack<int> _free = new();
    int[] _buckets = new int[1024];
    Series?[] _items = new Series?[512];
    int _used;
    int _tombstones;

    /// <summary>The number of items.</summary>
    public int Count => _used - _free.Count;

    /// <summary>One past the largest index ever given.</summary>
    public int IndexEnd => _used;

    /// <summary>The item at an index; null where it was removed.</summary>
    public Series? this[int index] => _items[index];

    /// <summary>The item with a key, or null.</summary>
    public Series? Find(ReadOnlySpan<byte> key, ulong hash)
    {
        int mask = _buckets.Length - 1;
        for (int at = (int)hash & mask; _buckets[at] != Empty; at = (at + 1) & mask)
        {
            if (_buckets[at] != Deleted && _items[_buckets[at] - 1] is Series item && item.Hash == hash && item.Key.SequenceEqual(key))
            {
                return item;
            }
        }

        return null;
    }

    /// <summary>Adds an item whose key is not there yet, and returns its index.</summary>
    public int Add(Series item)
    {
        if (2 * (Count + _tombstones + 1) > _buckets.Length)
        {
            Rehash();
        }

        int index = _free.Count > 0 ? _free.Pop() : _used++;
        if (index == _items.Length)
        {
            Array.Resize(ref _items, 2 * index);
        }

        _items[index] = item;
        Insert(item.Hash, index);
        return index;
    }

    /// <summary>Removes the item at an index, which a later one may get.</summary>
    public void Remove(int index)
    {
        Series item = _items[index] ?? throw new ArgumentException($"there is no series {index}", nameof(index));
        int mask = _buckets.Length - 1;
        int at = (int)item.Hash & mask;
        while (_buckets[at] != index + 1)
        {
            at = (at + 1) & mask;
        }

        _buckets[at] = Deleted;
        _tombstones++;
        _items[index] = null;
        _free.Push(index);
    }

    void Insert(ulong hash, int index)
    {
        int mask = _buckets.Length - 1;
        int at = (int)hash & mask;
        while (_buckets[at] > 0)
        {
            at = (at + 1) & mask;
        }

        _tombstones -= _buckets[at] == Deleted ? 1 : 0;
        _buckets[at] = index + 1;
    }

    void Rehash()
    {
        int size = _buckets.Length;
        while (size < 3 * (Count + 1))
        {
            size *= 2;
        }

        _buckets = new int[size];
        _tombstones = 0;
        for (int i = 0; i < _used; i++)
        {
            if (_items[i] is Series item)
            {
                Insert(item.Hash, i);
            }
        }
    }
}
