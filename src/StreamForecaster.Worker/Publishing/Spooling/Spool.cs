using System.Globalization;
using StreamForecaster.Worker.Publishing.Disk;

namespace StreamForecaster.Worker.Publishing.Spooling;

/// <summary>
/// A bounded first-in-first-out of lines on disk that survives a restart: files <c>00000001.spool</c> and up. Used by one task.
/// Reading is at least once: what was read is gone after <see cref="Advance"/>, but after a crash its file is read from the start.
/// </summary>
sealed class Spool : IDisposable
{
    readonly LinkedList<SpoolSegment> _segments = new();
    readonly SpoolOptions _options;
    readonly string _folder;
    readonly DiskWrite _write;
    readonly Action<string> _damaged;
    readonly FileStream _lock;
    SpoolSegment? _tail;
    long _bytes;
    int _number;

    /// <summary>Opens a folder; only one process may.</summary>
    /// <param name="options">The limits.</param>
    /// <param name="folder">The folder of this spool alone; made where it is missing.</param>
    /// <param name="write">The disk.</param>
    /// <param name="damaged">Told in one line when a file cannot be read to its end; the file is kept as <c>*.damaged</c>.</param>
    /// <exception cref="IOException">The folder cannot be made, or another process has it.</exception>
    public Spool(SpoolOptions options, string folder, DiskWrite write, Action<string> damaged)
    {
        _options = options;
        _folder = folder;
        _write = write;
        _damaged = damaged;
        Directory.CreateDirectory(folder);
        _lock = new(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        foreach (string path in Directory.EnumerateFiles(folder, "*.spool").Order(StringComparer.Ordinal))
        {
            if (int.TryParse(Path.GetFileNameWithoutExtension(path), CultureInfo.InvariantCulture, out int number))
            {
                _number = Math.Max(_number, number);
                Add(SpoolSegment.Open(path, write));
            }
        }

        DropRead();
    }

    /// <summary>True when nothing is left to send.</summary>
    public bool IsEmpty => _segments.Count == 0;

    /// <summary>Bytes on disk; readable from any thread.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>True while this many more bytes may come.</summary>
    public bool HasRoomFor(long bytes) => Bytes + bytes + SpoolRecord.HeadBytes <= _options.MaxBytes;

    /// <summary>Appends lines; they are safe, and readable, only after <see cref="Sync"/>.</summary>
    /// <exception cref="IOException">The disk refused: call <see cref="TakeBack"/>.</exception>
    public void Append(ReadOnlySpan<byte> lines, int lineCount)
    {
        if (_tail is not null && _tail.Length >= _options.SegmentBytes)
        {
            _tail.Sync();
            _tail = null;
        }

        if (_tail is null)
        {
            string path = Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{++_number:D8}.spool"));
            _tail = SpoolSegment.Create(path, _write);
            Add(_tail);
            DurableFolder.Sync(_folder);
        }

        long before = _tail.Length;
        _tail.Append(lines, lineCount);
        Interlocked.Add(ref _bytes, _tail.Length - before);
    }

    /// <summary>Makes everything appended safe.</summary>
    /// <exception cref="IOException">The disk refused: call <see cref="TakeBack"/>.</exception>
    public void Sync() => _tail?.Sync();

    /// <summary>After an exception: takes back what was appended to the last file since it was safe, and leaves that file.</summary>
    public void TakeBack()
    {
        if (_tail is null)
        {
            return;
        }

        long before = _tail.Length;
        _tail.CutToSynced();
        Interlocked.Add(ref _bytes, _tail.Length - before);
        _tail = null;
    }

    /// <summary>Appends the oldest records to the buffer until it holds enough lines or bytes.</summary>
    /// <returns>The number of lines read; 0 when nothing is left.</returns>
    public int Read(ByteBuffer destination, int maxLines, int maxBytes)
    {
        int lines = 0;
        foreach (SpoolSegment segment in _segments)
        {
            while (!segment.AtEnd && lines < maxLines && destination.Length < maxBytes)
            {
                lines += segment.Read(destination);
            }

            if (lines >= maxLines || destination.Length >= maxBytes)
            {
                break;
            }
        }

        if (lines == 0)
        {
            DropRead();
        }

        return lines;
    }

    /// <summary>What has been read is sent: files read to their end are deleted.</summary>
    public void Advance() => DropRead();

    public void Dispose()
    {
        foreach (SpoolSegment segment in _segments)
        {
            segment.Dispose();
        }

        _lock.Dispose();
    }

    void Add(SpoolSegment segment)
    {
        _segments.AddLast(segment);
        Interlocked.Add(ref _bytes, segment.Length);
    }

    void DropRead()
    {
        while (_segments.First?.Value is { AtEnd: true } segment)
        {
            _segments.RemoveFirst();
            Interlocked.Add(ref _bytes, -segment.Length);
            segment.Dispose();
            if (ReferenceEquals(segment, _tail))
            {
                _tail = null;
            }

            if (segment.Damage is null)
            {
                File.Delete(segment.Path);
            }
            else
            {
                File.Move(segment.Path, segment.Path + ".damaged", overwrite: true);
                _damaged($"{segment.Path}: {segment.Damage}; what could be read is sent, the file is kept as *.damaged");
            }
        }
    }
}
