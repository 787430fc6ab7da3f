using System.Buffers.Text;
using System.Globalization;
using System.Text;
using StreamForecaster.State;

namespace StreamForecaster.SystemTests.Faults;

/// <summary>
/// Every write attempt of a run as the sink saw it. A score or forecast is known by measurement, tags and time, and must be the same
/// bytes each time; an event is known by its whole line, since it is written anew whenever it changes, and its last line counts too.
/// </summary>
sealed class WrittenLines : IDisposable
{
    readonly string _path = Path.GetTempFileName();
    readonly FileStream _diary;
    readonly Lock _gate = new();
    readonly Dictionary<ulong, ulong> _lines = [];
    readonly Dictionary<ulong, (ulong Line, long StartSeconds, long EndMs)> _events = [];
    readonly HashSet<long> _versions = [];
    ulong? _differing;
    int _differingCount;
    int _eventLines;
    long _attempts;
    long _bytes;

    /// <summary>An empty log; it keeps the bytes in a file, to tell what happened.</summary>
    internal WrittenLines() => _diary = new(_path, FileMode.Create, FileAccess.Write, FileShare.Read, 1 << 20);

    /// <summary>Distinct results: scores, forecasts, and the lines that events had.</summary>
    internal int Count
    {
        get
        {
            lock (_gate)
            {
                return _lines.Count;
            }
        }
    }

    /// <summary>Distinct scores and forecasts.</summary>
    internal int Results
    {
        get
        {
            lock (_gate)
            {
                return _lines.Count - _eventLines;
            }
        }
    }

    /// <summary>Versions of models that took part in forecasts.</summary>
    internal int Versions
    {
        get
        {
            lock (_gate)
            {
                return _versions.Count;
            }
        }
    }

    /// <summary>Lines written in all, repeats included.</summary>
    internal long Attempts => Interlocked.Read(ref _attempts);

    /// <summary>Bytes of all of them.</summary>
    internal long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>The first line that came again as other bytes, with every time that it came; null where none did.</summary>
    internal string? Differing()
    {
        lock (_gate)
        {
            _diary.Flush();
            return _differing is ulong identity ? $"{_differingCount} lines came again as other bytes, the first:\n{History(identity)}" : null;
        }
    }

    /// <summary>Keeps nothing but how many lines there were.</summary>
    internal bool CountOnly { get; set; }

    /// <summary>Takes a request's body.</summary>
    internal void Take(ReadOnlySpan<byte> body, string writer)
    {
        lock (_gate)
        {
            if (CountOnly)
            {
                _attempts += body.Count((byte)'\n');
                return;
            }

            _diary.Write(Encoding.UTF8.GetBytes($"# {TimeProvider.System.GetUtcNow():HH:mm:ss.fff} {writer}\n"));
            _diary.Write(body);
            while (!body.IsEmpty)
            {
                int length = body.IndexOf((byte)'\n');
                ReadOnlySpan<byte> line = length < 0 ? body : body[..length];
                TakeLine(line);
                body = length < 0 ? [] : body[(length + 1)..];
            }
        }
    }

    public void Dispose()
    {
        _diary.Dispose();
        File.Delete(_path);
    }

    /// <summary>How two logs differ, with the first results that do; null where they are equal bit for bit.</summary>
    internal static string? Difference(WrittenLines one, WrittenLines other)
    {
        int onlyOne = one._lines.Keys.Count(key => !other._lines.ContainsKey(key));
        int onlyOther = other._lines.Keys.Count(key => !one._lines.ContainsKey(key));
        int different = one._lines.Count(line => other._lines.TryGetValue(line.Key, out ulong value) && value != line.Value);
        int events = one._events.Count(line => !other._events.TryGetValue(line.Key, out var last) || last != line.Value);
        return onlyOne + onlyOther + different + events == 0 && one._events.Count == other._events.Count
            ? null
            : $"{onlyOne} results only in the one, {onlyOther} only in the other, {different} differ, {events} events end otherwise"
                + $"\nfirst in the one:\n{one.Earliest(other)}\nfirst in the other:\n{other.Earliest(one)}";
    }

    // The earliest few results, in event time, that another log has not or has otherwise; with when and by whom they were written.
    string Earliest(WrittenLines other)
    {
        var lines = Diary()
            .Select(static entry => (entry.At, entry.Writer, entry.Line, Bytes: Encoding.UTF8.GetBytes(entry.Line)))
            .Where(entry => !other._lines.TryGetValue(
                entry.Line.StartsWith("anomaly_event,", StringComparison.Ordinal) ? KeyHash.Of(entry.Bytes) : Identity(entry.Bytes), out ulong value)
                || value != KeyHash.Of(entry.Bytes))
            .OrderBy(static entry => long.Parse(entry.Line.AsSpan(entry.Line.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture))
            .Take(4);
        return string.Join('\n', lines.Select(static entry => $"{entry.At} {entry.Writer} {entry.Line}"));
    }

    /// <summary>The number of events, and the most that were open at one event time.</summary>
    internal (int Count, int OpenMax) Events()
    {
        List<(long AtMs, int Change)> changes = [];
        foreach ((_, long startSeconds, long endMs) in _events.Values)
        {
            changes.Add((startSeconds * 1000, 1));
            changes.Add((endMs, -1));
        }

        changes.Sort();
        int open = 0, most = 0;
        foreach ((_, int change) in changes)
        {
            open += change;
            most = Math.Max(most, open);
        }

        return (_events.Count, most);
    }

    // What a result is known by: measurement, tags and time.
    static ulong Identity(ReadOnlySpan<byte> line)
    {
        ulong time = KeyHash.Of(line[line.LastIndexOf((byte)' ')..]);
        return KeyHash.With(KeyHash.Of(line[..TagsEnd(line)]), (long)time);
    }

    void TakeLine(ReadOnlySpan<byte> line)
    {
        _attempts++;
        _bytes += line.Length + 1;
        ulong value = KeyHash.Of(line);
        ulong identity = Identity(line);
        bool isEvent = line.StartsWith("anomaly_event,"u8);
        bool isNew = _lines.TryAdd(isEvent ? value : identity, value);
        _eventLines += isNew && isEvent ? 1 : 0;
        if (!isNew && !isEvent && _lines[identity] != value)
        {
            _differing ??= identity;
            _differingCount++;
        }

        int version = line.IndexOf(",version="u8);
        if (version >= 0 && Utf8Parser.TryParse(line[(version + ",version="u8.Length)..], out long number, out _) && number > 0)
        {
            _versions.Add(number);
        }

        if (isEvent)
        {
            ReadOnlySpan<byte> end = line[(line.IndexOf(" end_time="u8) + " end_time="u8.Length)..];
            ReadOnlySpan<byte> start = line[(line.LastIndexOf((byte)' ') + 1)..];

            // A point's time is in seconds, as this sink is set by default.
            Assert.True(Utf8Parser.TryParse(end, out long endMs, out _) & Utf8Parser.TryParse(start, out long startSeconds, out _));
            _events[identity] = (value, startSeconds, endMs);
        }
    }

    /// <summary>Every line in the order it came, with when and by whom.</summary>
    internal IEnumerable<(TimeSpan At, string Writer, string Line)> Diary()
    {
        lock (_gate)
        {
            _diary.Flush();
        }

        (TimeSpan at, string writer) = (default, "");
        foreach (string line in File.ReadLines(_path))
        {
            if (line.StartsWith('#'))
            {
                string[] words = line.Split(' ');
                (at, writer) = (TimeSpan.Parse(words[1], CultureInfo.InvariantCulture), words[2]);
            }
            else
            {
                yield return (at, writer, line);
            }
        }
    }

    string History(ulong identity)
    {
        StringBuilder history = new();
        string writer = "";
        foreach (string line in File.ReadLines(_path))
        {
            if (line.StartsWith('#'))
            {
                writer = line;
            }
            else if (Identity(Encoding.UTF8.GetBytes(line)) == identity)
            {
                history.AppendLine(writer).AppendLine(line);
            }
        }

        return history.ToString();
    }

    static int TagsEnd(ReadOnlySpan<byte> line)
    {
        int at = 0;
        while (line[at] != (byte)' ')
        {
            at += line[at] == (byte)'\\' ? 2 : 1;
        }

        return at;
    }
}
