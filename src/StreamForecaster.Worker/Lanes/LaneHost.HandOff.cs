using StreamForecaster.Worker.Publishing;

namespace StreamForecaster.Worker.Lanes;

// What goes out to the sinks, and what of it they have.
sealed partial class LaneHost
{
    // What a journal entry gave has the offset of the records before it, which may be committed already: a checkpoint at this offset
    // would stand for results that nobody has yet.
    bool EntriesAreSafe => _prefix.IsAcknowledged(_entryTicket);

    long HandOff(Action<Lane, ResultBatch> work)
    {
        ResultBatch results = Begin();
        work(Lane, results);
        return HandOff(results);
    }

    ResultBatch Begin()
    {
        ResultBatch results = _pools.RentResults();
        results.Lane = Lane.Id;
        results.FromOffset = Lane.Position;
        return results;
    }

    long HandOff(ResultBatch results)
    {
        Lane.Counters.Lines += results.LineCount;
        results.UpToOffset = Lane.Position;
        long ticket = _prefix.Issue(Lane.Position);
        results.Ticket = ticket;
        results.Prefix = _prefix;
        results.Acknowledged = _pools.Acknowledged;
        bool isCommitted = Lane.Position <= Lane.PublishFrom;
        IReadOnlyList<ISink> sinks = !results.IsEmpty ? _sinks : isCommitted ? [] : _committing;
        if (sinks.Count == 0)
        {
            results.Await(1);
            results.Acknowledge();
            return ticket;
        }

        results.Await(sinks.Count);
        foreach (ISink sink in sinks)
        {
            sink.Enqueue(results);
        }

        return ticket;
    }
}
