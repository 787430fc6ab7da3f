using System.Runtime.InteropServices;

namespace StreamForecaster.Alignment;

/// <summary>
/// Which series closes its step next: in the order (due time, upper half of the hash of the series key, series key). The hash stands first
/// because it is one comparison; like the key it depends on nothing but the records.
/// </summary>
public sealed class StepSchedule
{
    readonly PriorityQueue<List<Entry>, long> _queue = new();
    readonly Dictionary<long, List<Entry>> _byDue = [];
    readonly Stack<List<Entry>> _pool = new();
    readonly KeyOrder _order;
    readonly Comparison<Entry> _comparison;
    List<Entry>? _current;
    long _currentDue = long.MinValue;
    int _position;

    /// <summary>Makes an empty schedule; <paramref name="compareKeys"/> breaks ties of hashes.</summary>
    public StepSchedule(Comparison<int> compareKeys)
    {
        _order = new(compareKeys);
        _comparison = _order.Compare;
    }

    /// <summary>The number of scheduled series.</summary>
    public int Count { get; private set; }

    /// <summary>The time of the earliest step, or <see cref="long.MaxValue"/>.</summary>
    public long NextDue =>
        _current is not null ? _currentDue : _queue.TryPeek(out _, out long due) ? due : long.MaxValue;

    /// <summary>Schedules a series, which must not be scheduled already.</summary>
    public void Add(int series, ulong hash, long due)
    {
        Count++;
        Entry entry = new((uint)(hash >> 32), series, due);
        if (_current is not null && due <= _currentDue)
        {
            int at = _current.BinarySearch(_position, _current.Count - _position, entry, _order);
            _current.Insert(at < 0 ? ~at : at, entry);
            return;
        }

        if (!_byDue.TryGetValue(due, out List<Entry>? list))
        {
            list = _pool.Count > 0 ? _pool.Pop() : [];
            _byDue.Add(due, list);
            _queue.Enqueue(list, due);
        }

        list.Add(entry);
    }

    /// <summary>Takes the next series whose step is due at this lane time.</summary>
    public bool TryTake(long laneTime, out ScheduledStep step)
    {
        step = default;
        if (_current is null)
        {
            if (!_queue.TryPeek(out List<Entry>? list, out long due) || due > laneTime)
            {
                return false;
            }

            _queue.Dequeue();
            _byDue.Remove(due);

            // List.Sort would make a delegate each time.
            CollectionsMarshal.AsSpan(list).Sort(_comparison);
            (_current, _currentDue, _position) = (list, due, 0);
        }

        Entry entry = _current[_position++];
        step = new(entry.Series, entry.Hash, entry.Due);
        Count--;
        if (_position == _current.Count)
        {
            _current.Clear();
            _pool.Push(_current);
            _current = null;
        }

        return true;
    }

    // There are two lists of all series that are due together: no larger than need be.
    readonly record struct Entry(uint Hash, int Series, long Due);

    sealed class KeyOrder(Comparison<int> compareKeys) : IComparer<Entry>
    {
        public int Compare(Entry x, Entry y) =>
            x.Hash != y.Hash ? x.Hash.CompareTo(y.Hash) : compareKeys(x.Series, y.Series);
    }
}

/// <summary>A series' turn to close a step. The entry may have been overtaken: the series knows the due time that counts.</summary>
/// <param name="Series">The series' index.</param>
/// <param name="Hash">The upper half of the hash of its key: the index may be another's by now.</param>
/// <param name="Due">When the step closes, in lane time.</param>
public readonly record struct ScheduledStep(int Series, uint Hash, long Due);
