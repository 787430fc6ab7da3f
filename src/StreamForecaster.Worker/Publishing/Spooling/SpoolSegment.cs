using Microsoft.Win32.SafeHandles;
using StreamForecaster.Worker.Publishing.Disk;

namespace StreamForecaster.Worker.Publishing.Spooling;

/// <summary>One file of a spool: a magic word, then records. Appended to and read by one task.</summary>
sealed class SpoolSegment : IDisposable
{
    readonly SafeFileHandle _file;
    readonly DiskWrite _write;
    long _position = Magic.Length;
    long _syncedLength;

    SpoolSegment(string path, SafeFileHandle file, long length, DiskWrite write)
    {
        Path = path;
        _file = file;
        _write = write;
        Length = _syncedLength = length;
    }

    /// <summary>What the file starts with; its last character is the version of the format.</summary>
    public static ReadOnlySpan<byte> Magic => "SFSPOOL1"u8;

    public string Path { get; }

    public long Length { get; private set; }

    /// <summary>True when every record has been read, or what is left cannot be.</summary>
    public bool AtEnd => _position >= Length;

    /// <summary>Why records of it cannot be read; null while all is well.</summary>
    public string? Damage { get; private set; }

    /// <summary>Starts a file. Its name is durable once its folder has been synced.</summary>
    public static SpoolSegment Create(string path, DiskWrite write)
    {
        SafeFileHandle file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite);
        try
        {
            write(file, Magic, 0);
            return new(path, file, Magic.Length, write);
        }
        catch
        {
            file.Dispose();
            File.Delete(path);
            throw;
        }
    }

    /// <summary>Opens a file of an earlier run, to be read.</summary>
    public static SpoolSegment Open(string path, DiskWrite write)
    {
        SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Read);
        SpoolSegment segment = new(path, file, RandomAccess.GetLength(file), write);
        Span<byte> magic = stackalloc byte[Magic.Length];
        if (segment.Length < Magic.Length || !(RandomAccess.Read(file, magic, 0) == magic.Length && magic.SequenceEqual(Magic)))
        {
            // A file cut off within its first word was never synced, so nothing in it was acknowledged.
            segment.End(segment.Length < Magic.Length ? null : "it is not a spool file of this version");
        }

        return segment;
    }

    /// <summary>Appends a record; it is not safe before <see cref="Sync"/>. After an exception it is not there.</summary>
    public void Append(ReadOnlySpan<byte> lines, int lineCount)
    {
        Span<byte> head = stackalloc byte[SpoolRecord.HeadBytes];
        SpoolRecord.For(lines, lineCount).Write(head);
        _write(_file, head, Length);
        _write(_file, lines, Length + head.Length);
        Length += head.Length + lines.Length;
    }

    public void Sync()
    {
        RandomAccess.FlushToDisk(_file);
        _syncedLength = Length;
    }

    /// <summary>Takes back what was appended since the last <see cref="Sync"/>.</summary>
    public void CutToSynced()
    {
        Length = _syncedLength;
        RandomAccess.SetLength(_file, Length);
    }

    /// <summary>Appends the next record's lines; 0 at the end, or where the rest is damaged.</summary>
    public int Read(ByteBuffer destination)
    {
        Span<byte> head = stackalloc byte[SpoolRecord.HeadBytes];
        if (AtEnd)
        {
            return 0;
        }

        int got = RandomAccess.Read(_file, head, _position);
        long left = Length - _position - SpoolRecord.HeadBytes;
        if (!SpoolRecord.TryRead(head[..got], out SpoolRecord record) || record.Length > left)
        {
            // A record that a crash cut off was not synced, hence not acknowledged: it is no damage. So are pages never written.
            bool torn = got < head.Length || record.Length > left || !head.ContainsAnyExcept((byte)0);
            return End(torn ? null : "a record's head fails its checksum");
        }

        Span<byte> lines = destination.GetSpan(record.Length)[..record.Length];
        if (RandomAccess.Read(_file, lines, _position + SpoolRecord.HeadBytes) != record.Length || StreamForecaster.State.Checksum.Of(lines) != record.Checksum)
        {
            return End("a record fails its checksum");
        }

        destination.Advance(record.Length);
        _position += SpoolRecord.HeadBytes + record.Length;
        return record.LineCount;
    }

    public void Dispose() => _file.Dispose();

    int End(string? damage)
    {
        Damage = damage is null ? null : $"{damage} at byte {_position} of {Length}";
        _position = Length;
        return 0;
    }
}
