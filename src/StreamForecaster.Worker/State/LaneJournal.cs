using StreamForecaster.State;
using StreamForecaster.Worker.Publishing.Disk;

namespace StreamForecaster.Worker.State;

/// <summary>
/// A lane's journal as one append-only file, each entry durable before it acts. An owner takes a generation when it opens; one that has
/// been overtaken can append no more, so a zombie makes no second history. A history begins with a <see cref="JournalKind.Start"/>; what
/// every kept checkpoint is past is dropped.
/// </summary>
public sealed class LaneJournal : IDisposable
{
    /// <summary>The file's name in a lane's folder.</summary>
    public const string FileName = "journal";

    /// <summary>The name of the file that holds the offset up to which results may have been published.</summary>
    public const string PublishedName = "published";

    /// <summary>The name of the file that holds the owner's generation.</summary>
    public const string GenerationName = "generation";

    // Rewriting the file costs two fsyncs: not for a few entries.
    const int CompactAtLeast = 100;

    readonly Lock _gate = new();
    readonly LaneTopic? _topic;
    readonly string _generationPath;
    readonly string _publishedPath;
    readonly string _path;
    readonly ByteBuffer _buffer = new(256);
    readonly List<JournalEntry> _entries;
    FileStream _file;

    /// <summary>Opens or makes the journal in a lane's folder, cuts off a torn tail and takes the next generation.</summary>
    /// <exception cref="InvalidOperationException">It was written by a newer version of the daemon.</exception>
    public LaneJournal(string folder)
        : this(folder, topic: null)
    {
    }

    /// <summary>The same, with a topic that entries are durable in before they are written here.</summary>
    internal LaneJournal(string folder, LaneTopic? topic)
    {
        _topic = topic;
        Directory.CreateDirectory(folder);
        _generationPath = Path.Combine(folder, GenerationName);
        Generation = ReadGeneration() + 1;
        DurableFile.Write(_generationPath, BitConverter.GetBytes(Generation));
        _publishedPath = Path.Combine(folder, PublishedName);
        PublishedBefore = File.Exists(_publishedPath) && File.ReadAllBytes(_publishedPath) is { Length: 8 } bytes8 ? BitConverter.ToInt64(bytes8) : 0;
        _path = Path.Combine(folder, FileName);
        _file = Open();
        DurableFolder.Sync(folder);
        byte[] bytes = new byte[checked((int)_file.Length)];
        _file.ReadExactly(bytes);
        _entries = Parse(bytes, _path, out int end);
        Damage = DamageOf(bytes, end) is string damage ? $"{_path}: {damage}" : null;
        _file.SetLength(end);
        _file.Position = end;
    }

    /// <summary>This owner's generation.</summary>
    public long Generation { get; }

    /// <summary>An owner before this one may have published the results of records before this offset. What this one adds to the history acts
    /// from there on: else those records would give other results the second time.</summary>
    public long PublishedBefore { get; }

    /// <summary>What was wrong with the file when it was opened, in one line, or null: entries after the damage are lost, and with them the history.</summary>
    public string? Damage { get; }

    /// <summary>The last start of a history; null in an empty journal.</summary>
    public JournalEntry? Start
    {
        get
        {
            lock (_gate)
            {
                return _entries.FindLast(static entry => entry.Kind == JournalKind.Start);
            }
        }
    }

    /// <summary>The entries of the history, from its start on, oldest first.</summary>
    public IReadOnlyList<JournalEntry> History
    {
        get
        {
            lock (_gate)
            {
                return [.. _entries.Skip(Math.Max(0, _entries.FindLastIndex(static entry => entry.Kind == JournalKind.Start)))];
            }
        }
    }

    /// <summary>The offset that the history can be repeated from without a checkpoint; -1 where entries have been dropped since.</summary>
    public long WholeFrom
    {
        get
        {
            IReadOnlyList<JournalEntry> history = History;
            bool whole = history.Count > 0 && history[0].Kind == JournalKind.Start && history[^1].Sequence - history[0].Sequence == history.Count - 1;
            return whole ? history[0].Offset : -1;
        }
    }

    /// <summary>The entries of a journal file, without owning it; none where there is no file.</summary>
    public static IReadOnlyList<JournalEntry> Read(string path) => Read(path, out _);

    /// <summary>The entries of a journal file, and what is wrong with it, or null.</summary>
    public static IReadOnlyList<JournalEntry> Read(string path, out string? damage)
    {
        byte[] bytes = File.Exists(path) ? File.ReadAllBytes(path) : [];
        List<JournalEntry> entries = Parse(bytes, path, out int end);
        damage = DamageOf(bytes, end);
        return entries;
    }

    /// <summary>Appends an entry and waits until it is on the disk.</summary>
    /// <exception cref="IOException">It could not be made durable, or a later owner has taken the lane.</exception>
    public JournalEntry Append(long offset, JournalKind kind, string group, long number, long extra)
    {
        lock (_gate)
        {
            CheckOwner();
            JournalEntry entry = new(offset, (_entries.Count == 0 ? 0 : _entries[^1].Sequence) + 1, Generation, kind, group, number, extra);
            _buffer.Clear();
            JournalFormat.Write(_buffer, entry);
            _topic?.Append(_buffer.Written);
            long start = _file.Position;
            try
            {
                _file.Write(_buffer.Written);
                _file.Flush(flushToDisk: true);
            }
            catch (IOException)
            {
                _file.SetLength(start);
                _file.Position = start;
                throw;
            }

            _entries.Add(entry);
            return entry;
        }
    }

    /// <summary>Results of records before an offset are about to be published: durable, so that a later owner knows. What an owner before may have
    /// published stays known too.</summary>
    /// <exception cref="IOException">The disk refused, or a later owner has taken the lane: publish nothing.</exception>
    public void LetPublish(long offset)
    {
        lock (_gate)
        {
            CheckOwner();
            long known = Math.Max(offset, PublishedBefore);
            _topic?.LetPublish(known);
            DurableFile.Write(_publishedPath, BitConverter.GetBytes(known));
        }
    }

    /// <summary>Every checkpoint is past this entry: it and those before it are dropped, but for the history's start and the last entry,
    /// which carries the sequence on.</summary>
    /// <exception cref="IOException">The disk refused, or a later owner has taken the lane; nothing is dropped.</exception>
    public void Compact(long position)
    {
        lock (_gate)
        {
            JournalEntry? start = Start;
            List<JournalEntry> kept = [.. _entries.Where((entry, i) => entry.Sequence > position || entry == start || i == _entries.Count - 1)];
            if (_entries.Count - kept.Count < CompactAtLeast)
            {
                return;
            }

            CheckOwner();
            _buffer.Clear();
            kept.ForEach(entry => JournalFormat.Write(_buffer, entry));
            _topic?.Rewrite(_buffer.Written);
            DurableFile.Write(_path, _buffer.Written);
            _file.Dispose();
            _file = Open();
            _file.Seek(0, SeekOrigin.End);
            _entries.Clear();
            _entries.AddRange(kept);
        }
    }

    /// <summary>Throws where a later owner has taken the lane.</summary>
    /// <exception cref="IOException">One has.</exception>
    public void CheckOwner()
    {
        if (ReadGeneration() != Generation)
        {
            throw new LaneTakenException($"{_path}: a later owner has taken this lane; nothing more is written");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        _topic?.Dispose();
    }

    FileStream Open() => new(_path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

    static List<JournalEntry> Parse(byte[] bytes, string path, out int end)
    {
        List<JournalEntry> entries = [];
        end = 0;
        try
        {
            while (JournalFormat.Read(bytes.AsSpan(end)) is var (entry, length))
            {
                entries.Add(entry);
                end += length;
            }
        }
        catch (InvalidDataException newer)
        {
            throw new InvalidOperationException($"{path}: {newer.Message}", newer);
        }

        return entries;
    }

    // An append that was cut off leaves a piece at the end, and is no damage: nothing acted on it. What has a whole entry after it was whole once.
    static string? DamageOf(ReadOnlySpan<byte> bytes, int end)
    {
        for (int at = end + 1; at <= bytes.Length - StateFrame.PrefixBytes; at++)
        {
            if (StateFrame.TryRead(bytes[at..], out _, out ReadOnlySpan<byte> payload) && !payload.IsEmpty)
            {
                return $"it is damaged at byte {end}";
            }
        }

        return null;
    }

    long ReadGeneration() =>
        File.Exists(_generationPath) && File.ReadAllBytes(_generationPath) is { Length: 8 } bytes ? BitConverter.ToInt64(bytes) : 0;
}
