using Microsoft.Win32.SafeHandles;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Publishing.Disk;

namespace StreamForecaster.Worker.Publishing.Files;

/// <summary>
/// One lane's output files, <c>FOLDER/TOPIC-PARTITION.000001.EXT</c> and up, and their marks. Written by the sink's task, marked by
/// the thread that commits, restored by the one that opens lanes.
/// </summary>
sealed partial class LaneFile : IDisposable
{
    // Batches written and not yet committed; beyond this the oldest lose their place, and a start at one makes a new file.
    const int Places = 1 << 16;

    readonly Lock _gate = new();
    readonly Queue<Mark> _uncommitted = new();
    readonly string _folder;
    readonly string _stem;
    readonly string _extension;
    readonly long _rotateBytes;
    readonly DiskWrite _write;
    readonly MarkLog _marks;
    SafeFileHandle? _file;
    long? _restoreAt;
    bool _ready;
    Mark? _reached;
    int _number;
    long _length;

    public LaneFile(string folder, LaneId lane, string extension, long rotateBytes, DiskWrite write)
    {
        _folder = folder;
        _stem = FileStem(lane);
        _extension = extension;
        _rotateBytes = rotateBytes;
        _write = write;
        _marks = new(Path.Combine(folder, _stem + ".marks"), write);
    }

    /// <summary>Goes up by one with every <see cref="Restore"/>: batches of an earlier ownership are not written.</summary>
    public int Generation { get; private set; }

    /// <summary>The file that is written now.</summary>
    public string FilePath => PathOf(_number);

    /// <summary>Cuts back to the mark of an offset; where there is none, a new file starts. Where the disk refuses, the next
    /// <see cref="Append"/> does it.</summary>
    public void Restore(long offset)
    {
        lock (_gate)
        {
            Generation++;
            _restoreAt = offset;
            _ready = false;
            _uncommitted.Clear();
            _reached = null;
            try
            {
                Open();
            }
            catch (Exception error) when (DiskTrouble.Is(error))
            {
                // Named by the sink when the next batch meets the same.
            }
        }
    }

    /// <summary>Appends what a batch gave. A batch of an earlier generation is left out: this ownership of the lane makes it again.
    /// After an exception nothing counts as written.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public void Append(ReadOnlySpan<byte> bytes, long upToOffset, int generation)
    {
        lock (_gate)
        {
            if (generation != Generation)
            {
                return;
            }

            Open();
            if (_length >= _rotateBytes && bytes.Length > 0)
            {
                // A mark of the next file speaks for this one too.
                RandomAccess.FlushToDisk(_file!);
                _file!.Dispose();
                _file = null;
                _number++;
                _length = 0;
            }

            if (bytes.Length > 0)
            {
                _file ??= Create();
                _write(_file, bytes, _length);
                _length += bytes.Length;
            }

            if (_uncommitted.Count == Places)
            {
                _uncommitted.Dequeue();
            }

            _uncommitted.Enqueue(new(upToOffset, _number, _length));
        }
    }

    /// <summary>Makes the files durable up to an offset, then the mark of it.</summary>
    /// <exception cref="IOException">The disk refused: there is no mark.</exception>
    public void MarkOffset(long offset)
    {
        lock (_gate)
        {
            while (_uncommitted.TryPeek(out Mark next) && next.Offset <= offset)
            {
                _reached = _uncommitted.Dequeue();
            }

            if (_reached is { } mark)
            {
                if (_file is not null)
                {
                    RandomAccess.FlushToDisk(_file);
                }

                _marks.Add(mark with { Offset = offset });
                _reached = null;
            }
        }
    }

    /// <summary>Makes a file without marks durable: that of a lane that is no partition.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public void SyncUnlessRestored()
    {
        lock (_gate)
        {
            if (Generation == 0 && _uncommitted.Count > 0 && _file is not null)
            {
                RandomAccess.FlushToDisk(_file);
                _uncommitted.Clear();
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _file?.Dispose();
            _file = null;
            _marks.Dispose();
        }
    }

    // Only with the first byte, so that lanes without dead letters leave no empty files.
    SafeFileHandle Create()
    {
        SafeFileHandle file = File.OpenHandle(FilePath, FileMode.Create, FileAccess.ReadWrite, FileShare.Read);
        DurableFolder.Sync(_folder);
        return file;
    }
}
