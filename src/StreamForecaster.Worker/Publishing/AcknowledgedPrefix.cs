namespace StreamForecaster.Worker.Publishing;

/// <summary>
/// The longest prefix of a sequence that is acknowledged, whatever the order of the acknowledgements: what a lane may commit.
/// Issued by one thread, acknowledged by any.
/// </summary>
public sealed class AcknowledgedPrefix
{
    readonly Lock _gate = new();
    Entry[] _ring = new Entry[64];
    long _head;
    long _tail;
    long _offset = -1;

    /// <summary>The offset of the last entry of the acknowledged prefix; -1 while nothing is acknowledged.</summary>
    public long Offset => Volatile.Read(ref _offset);

    /// <summary>The number of entries issued and not yet in the prefix.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return (int)(_tail - _head);
            }
        }
    }

    /// <summary>True where an entry, and all before it, are acknowledged; also for -1, which is no entry.</summary>
    public bool IsAcknowledged(long ticket)
    {
        lock (_gate)
        {
            return ticket < _head;
        }
    }

    /// <summary>Adds the next entry. Offsets never fall; several entries may share one (an idle tick moves no offset).</summary>
    /// <returns>The ticket to acknowledge it with.</returns>
    public long Issue(long upToOffset)
    {
        lock (_gate)
        {
            if (_tail - _head == _ring.Length)
            {
                Grow();
            }

            At(_tail) = new(upToOffset, Done: false);
            return _tail++;
        }
    }

    /// <summary>Acknowledges one entry and moves the prefix as far as it goes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The ticket was never issued, or is in the prefix already.</exception>
    public void Acknowledge(long ticket)
    {
        lock (_gate)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(ticket, _head);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(ticket, _tail);
            At(ticket).Done = true;
            long offset = _offset;
            while (_head < _tail && At(_head).Done)
            {
                offset = At(_head++).UpToOffset;
            }

            Volatile.Write(ref _offset, offset);
        }
    }

    ref Entry At(long ticket) => ref _ring[ticket & (_ring.Length - 1)];

    void Grow()
    {
        Entry[] larger = new Entry[2 * _ring.Length];
        for (long ticket = _head; ticket < _tail; ticket++)
        {
            larger[ticket & (larger.Length - 1)] = At(ticket);
        }

        _ring = larger;
    }

    record struct Entry(long UpToOffset, bool Done);
}
