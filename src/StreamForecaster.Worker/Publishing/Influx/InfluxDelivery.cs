using Polly;

namespace StreamForecaster.Worker.Publishing.Influx;

/// <summary>
/// Brings lines into a database, however many requests it takes: split to size, retried, halved where too large, and the refused ones
/// found and put aside. Done when every line is in or in the dead letters.
/// </summary>
sealed class InfluxDelivery(
    InfluxOptions options,
    InfluxClient client,
    ResiliencePipeline<InfluxAnswer> retry,
    Rejections rejections,
    SinkMetrics metrics,
    Action<string> onRefused)
{
    // Requests spent on finding lines that the server dropped without naming them; what is left then is put aside whole.
    const int MaxSearches = 256;

    readonly Stack<LinePiece> _work = new();
    int _searches;

    /// <summary>Completes when every line is in, or safe in the dead letters.</summary>
    public async Task DeliverAsync(LinePiece lines, CancellationToken stop)
    {
        _work.Clear();
        _work.Push(lines);
        _searches = MaxSearches;
        rejections.Clear();
        while (_work.TryPop(out LinePiece piece))
        {
            if (piece.Count == 0)
            {
                continue;
            }

            (LinePiece head, LinePiece rest) = piece.Split(options.RequestLines, options.RequestBytes);
            _work.Push(rest);
            TimePrecision precision = client.Prepare(head);
            InfluxAnswer answer = await retry.ExecuteAsync(
                static async (state, attempt) => await state.client.SendAsync(state.precision, attempt),
                (client, precision),
                stop);
            Take(head, answer);
        }

        if (rejections.Count > 0)
        {
            metrics.Rejected(rejections.Count);
            await rejections.HandOverAsync(stop);
        }
    }

    void Take(LinePiece sent, InfluxAnswer answer)
    {
        switch (answer.Outcome)
        {
            case InfluxOutcome.Written:
                metrics.Written(sent.Count);
                break;
            case InfluxOutcome.TooLarge when sent.Count > 1:
                onRefused($"{answer.Reason}: {sent.Lines.Length} bytes; sent in halves, better set requestBytes");
                Halve(sent);
                break;
            case InfluxOutcome.Refused when sent.Count > 1:
                onRefused(answer.Reason);
                Sort(sent, answer);
                break;
            default:
                onRefused(answer.Reason);
                rejections.AddAll(sent.Lines.Span, answer.Reason);
                break;
        }
    }

    /// <summary>Puts the refused lines aside and sends what is not known to be in.</summary>
    void Sort(LinePiece sent, InfluxAnswer answer)
    {
        RefusedLines refused = RefusedLines.Read(answer.Body, client.Lines);
        LinePiece others = refused.Named.Count > 0 ? PutAside(sent, refused) : sent;
        if (refused.Named.Count > 0 && !refused.Partial)
        {
            // The named lines spoilt the request: nothing of it is in.
            _work.Push(others);
        }
        else if (refused.Named.Count > 0 && refused.Dropped == 0)
        {
            metrics.Written(others.Count);
        }
        else if (refused.Partial && refused.Dropped < others.Count)
        {
            Search(others, refused.Dropped, answer.Reason);
        }
        else
        {
            rejections.AddAll(others.Lines.Span, answer.Reason);
        }
    }

    // Halves that are in are overwritten with the same, so only the dropped lines remain in the end.
    void Search(LinePiece piece, int dropped, string reason)
    {
        if (piece.Count > 1 && _searches-- > 0)
        {
            Halve(piece);
        }
        else
        {
            rejections.AddAll(piece.Lines.Span, dropped > 0 && piece.Count > 1 ? $"{dropped} of {piece.Count} lines: {reason}" : reason);
        }
    }

    void Halve(LinePiece piece)
    {
        (LinePiece first, LinePiece second) = piece.Split(piece.Count / 2);
        _work.Push(second);
        _work.Push(first);
    }

    LinePiece PutAside(LinePiece sent, RefusedLines refused)
    {
        ByteBuffer others = new();
        int kept = 0;
        ReadOnlySpan<byte> lines = sent.Lines.Span;
        for (int i = 0; i < sent.Count; i++)
        {
            int length = lines.IndexOf((byte)'\n') + 1;
            if (refused.Named.TryGetValue(i, out string? why))
            {
                rejections.Add(lines[..(length - 1)], why);
            }
            else
            {
                others.Append(lines[..length]);
                kept++;
            }

            lines = lines[length..];
        }

        return new(others.WrittenMemory, kept);
    }
}
