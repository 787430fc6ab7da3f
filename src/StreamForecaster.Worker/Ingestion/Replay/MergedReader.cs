namespace StreamForecaster.Worker.Ingestion.Replay;

/// <summary>Several files as one, in the order of time; equal times in the order of the files.</summary>
sealed class MergedReader : ReplayReader
{
    readonly List<ReplayReader> _files;
    readonly PriorityQueue<int, (long TimestampNs, int File)> _next = new();

    internal MergedReader(List<ReplayReader> files)
    {
        _files = files;
        for (int i = 0; i < files.Count; i++)
        {
            Queue(i);
        }
    }

    /// <summary>The index of the file that the current record is from.</summary>
    internal int File { get; private set; } = -1;

    internal override ReadOnlySpan<byte> Payload => _files[File].Payload;

    internal override long Position => _files.Sum(file => file.Position);

    internal override long Length => _files.Sum(file => file.Length);

    internal override bool Read()
    {
        if (File >= 0)
        {
            Queue(File);
        }

        if (!_next.TryDequeue(out int file, out (long TimestampNs, int File) first))
        {
            return false;
        }

        File = file;
        TimestampNs = first.TimestampNs;
        return true;
    }

    public override void Dispose() => _files.ForEach(file => file.Dispose());

    void Queue(int file)
    {
        if (_files[file].Read())
        {
            _next.Enqueue(file, (_files[file].TimestampNs, file));
        }
    }
}
