using StreamForecaster.State;

namespace StreamForecaster.Worker.State;

/// <summary>
/// A lane's journal as one append-only file, each entry durable before it acts. An owner takes a generation when it opens; one that has
/// been overtaken can append no more, so a zombie makes no second history.
/// </summary>
public sealed class LaneJournal : IDisposable
{
    readonly string _generationPath;
    readonly FileStream _file;
    readonly ByteBuffer _buffer = new(256);
    long _sequence;

    /// <summary>Opens or makes the journal in a lane's folder, cuts off a torn tail and takes the next generation.</summary>
    public LaneJournal(string folder)
    {
        Directory.CreateDirectory(folder);
        _generationPath = Path.Combine(folder, "generation");
        Generation = ReadGeneration() + 1;
        DurableFile.Write(_generationPath, BitConverter.GetBytes(Generation));
        _file = new(Path.Combine(folder, "journal"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        Entries = Load();
        _sequence = Entries.Count == 0 ? 0 : Entries[^1].Sequence;
    }

    /// <summary>The entries found on opening, oldest first.</summary>
    public IReadOnlyList<JournalEntry> Entries { get; }

    /// <summary>This owner's generation.</summary>
    public long Generation { get; }

    /// <summary>Appends an entry and waits until it is on the disk.</summary>
    /// <exception cref="IOException">It could not be made durable, or a later owner has taken the lane.</exception>
    public JournalEntry Append(long offset, JournalKind kind, string group, long number, long extra)
    {
        if (ReadGeneration() != Generation)
        {
            throw new IOException($"{_file.Name}: a later owner has taken this lane; nothing more is appended");
        }

        JournalEntry entry = new(offset, _sequence + 1, Generation, kind, group, number, extra);
        _buffer.Clear();
        JournalFormat.Write(_buffer, entry);
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

        _sequence++;
        return entry;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    List<JournalEntry> Load()
    {
        byte[] bytes = new byte[checked((int)_file.Length)];
        _file.ReadExactly(bytes);
        List<JournalEntry> entries = [];
        int at = 0;
        while (JournalFormat.Read(bytes.AsSpan(at)) is var (entry, length))
        {
            entries.Add(entry);
            at += length;
        }

        _file.SetLength(at);
        _file.Position = at;
        return entries;
    }

    long ReadGeneration() =>
        File.Exists(_generationPath) && File.ReadAllBytes(_generationPath) is { Length: 8 } bytes ? BitConverter.ToInt64(bytes) : 0;
}
