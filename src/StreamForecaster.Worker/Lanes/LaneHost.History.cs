using StreamForecaster.State;
using StreamForecaster.Worker.State;

namespace StreamForecaster.Worker.Lanes;

/// <summary>What makes the lane's history one history, whoever owns it: what enters it, and what of it may have been published.</summary>
sealed partial class LaneHost
{
    const long PublishAheadMax = 100_000;
    static readonly TimeSpan PublishAhead = TimeSpan.FromSeconds(1);
    static readonly TimeSpan DiskRetry = TimeSpan.FromMilliseconds(200);

    // Up to where results may be published, and where that was last moved; what an owner before this one may have published.
    readonly long _publishedBefore;
    readonly ManualResetEventSlim _closing = new();
    volatile string? _trouble;
    long _publishTo;
    long _publishMovedAt;
    long _publishMovedFrom;

    /// <summary>Why the lane waits for its disk, in one line; null where it does not.</summary>
    public string? Trouble => _trouble ?? _checkpoints?.Trouble;

    /// <summary>Keeps the lane's state; no worker may run it any more.</summary>
    public void Save()
    {
        if (_trouble is null)
        {
            _checkpoints?.Finish(EntriesAreSafe && _waiting is null);
            LetGo();
        }
    }

    // An orderly end says that nothing beyond it has been published. Without that the next owner is careful, that is all.
    void LetGo()
    {
        try
        {
            _journal.LetPublish(Math.Max(0, Lane.Position));
        }
        catch (IOException)
        {
            return;
        }
    }

    // While the lane rebuilds its state, what it wrote before comes first; and nothing new acts on records whose results an owner before may
    // have published. Where there are no more records, there were none for that one either.
    bool MayJournal => !Lane.IsRecovering && (Math.Max(0, Lane.Position) >= _publishedBefore || (_isAtEnd && _inbox.Count == 0));

    // An entry is durable before it acts.
    void RunJournalRequests()
    {
        while (true)
        {
            JournalRequest? request;
            lock (_gate)
            {
                if (_isClosed || !MayJournal || !_journalRequests.TryDequeue(out request))
                {
                    return;
                }
            }

            if (request.Kind == JournalKind.Idle ? Lane.LaneTime == long.MinValue : Lane.Answers(request.Group, request.Number))
            {
                continue;
            }

            long number = request.Number + (request.Kind == JournalKind.Idle ? Lane.LaneTime : 0);
            if (Append(request, number) is not JournalEntry entry)
            {
                Request(request);
                return;
            }

            _entryTicket = HandOff((lane, results) => lane.Apply(entry, request.Model, results));
        }
    }

    JournalEntry? Append(JournalRequest request, long number)
    {
        JournalEntry? entry = null;
        Try(() => entry = _journal.Append(Math.Max(0, Lane.Position), request.Kind, request.Group, number, request.Extra));
        return entry;
    }

    // What is handed to the sinks may be published at any time, even after this process has been overtaken. So an offset beyond it is
    // durable first: about a second ahead, as records come.
    bool TryReserve(long end)
    {
        if (end <= _publishTo || end <= Lane.PublishFrom)
        {
            return true;
        }

        double seconds = Math.Max(_clock.GetElapsedTime(_publishMovedAt).TotalSeconds, PublishAhead.TotalSeconds / 2);
        long ahead = (long)((end - Math.Max(0, _publishMovedFrom)) * PublishAhead.TotalSeconds / seconds);
        long to = end + Math.Clamp(ahead, 0, PublishAheadMax);
        if (!Try(() => _journal.LetPublish(to)))
        {
            return false;
        }

        (_publishTo, _publishMovedAt, _publishMovedFrom) = (to, _clock.GetTimestamp(), end);
        return true;
    }

    // A disk that refuses is waited for: nothing of the lane may be published meanwhile.
    bool Try(Action write)
    {
        try
        {
            write();
            _trouble = null;
            return true;
        }
        catch (IOException refused) when (refused is not LaneTakenException)
        {
            _trouble = $"state of {Lane.Id}: {refused.Message}";
            _closing.Wait(DiskRetry);
            return false;
        }
    }
}
