namespace StreamForecaster.Worker.Ingestion.Replay;

/// <summary>
/// Files instead of Kafka, for backtests and tests: a record per row or line with the row's time as its timestamp, offsets from 0.
/// Lanes are filled as they have room, so lanes that wait for each other do not stop the others.
/// </summary>
public sealed class ReplaySource : IRecordSource
{
    readonly ReplayOptions _options;
    long _position;
    long _length;

    /// <summary>Finds the files.</summary>
    /// <exception cref="InvalidOperationException">A path is not there, or no file is below it.</exception>
    public ReplaySource(ReplayOptions options)
    {
        _options = options;
        Files = [.. options.Paths.SelectMany(Find)];
        if (Files.Count == 0)
        {
            throw new InvalidOperationException($"No .csv or .lp file below {string.Join(", ", options.Paths)}.");
        }
    }

    /// <summary>The files, with their names: the path below the folder asked for, without the ending, is the measurement's name of
    /// a CSV's rows. A lane's partition is the index here, unless all are one lane.</summary>
    public IReadOnlyList<(string Path, string Name)> Files { get; }

    /// <summary>How much has been read, in [0, 1]. May be asked from any thread.</summary>
    public double Progress => Volatile.Read(ref _length) == 0 ? 0 : (double)Volatile.Read(ref _position) / Volatile.Read(ref _length);

    /// <inheritdoc/>
    public void Run(ILanes lanes, CancellationToken stop)
    {
        List<ReplayReader> readers = [.. Files.Select(file => ReplayReader.Open(file.Path, file.Name))];
        if (_options.OneLane)
        {
            readers = [new MergedReader(readers)];
        }

        List<ReplayLane> all = [.. readers.Select((reader, index) => new ReplayLane(new(_options.Topic, index), reader))];
        try
        {
            Volatile.Write(ref _length, readers.Sum(reader => reader.Length));
            Feed(all, lanes, stop);
        }
        finally
        {
            foreach (ReplayLane lane in all)
            {
                if (lane.IsOpen)
                {
                    lanes.Close(lane.Id, lost: false);
                }

                lane.Reader.Dispose();
            }
        }
    }

    /// <summary>All records in the order of time, for sending them on: the name of the file, the time (negative: none), the payload.</summary>
    internal IEnumerable<(string Name, long TimestampMs, byte[] Payload)> Records()
    {
        using MergedReader reader = new([.. Files.Select(file => ReplayReader.Open(file.Path, file.Name))]);
        Volatile.Write(ref _length, reader.Length);
        while (reader.Read())
        {
            Volatile.Write(ref _position, reader.Position);
            yield return (Files[reader.File].Name, ReplayLane.Milliseconds(reader.TimestampNs), reader.Payload.ToArray());
        }
    }

    static IEnumerable<(string Path, string Name)> Find(string path)
    {
        if (File.Exists(path))
        {
            return [(path, Path.GetFileNameWithoutExtension(path))];
        }

        if (!Directory.Exists(path))
        {
            throw new InvalidOperationException($"'{path}' is neither a file nor a folder.");
        }

        return Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is ".csv" or ".lp")
            .Order(StringComparer.Ordinal)
            .Select(file => (file, Path.ChangeExtension(Path.GetRelativePath(path, file), null)));
    }

    void Feed(List<ReplayLane> all, ILanes lanes, CancellationToken stop)
    {
        foreach (ReplayLane lane in all)
        {
            lane.Open(lanes);
        }

        // To the end of the input, then until everything read is acknowledged.
        while (!stop.IsCancellationRequested && all.Exists(lane => !lane.IsDone(lanes)))
        {
            bool any = false;
            foreach (ReplayLane lane in all)
            {
                any |= lane.Fill(lanes, _options.MaxBatchRecords);
            }

            Volatile.Write(ref _position, all.Sum(lane => lane.Reader.Position));
            if (!any)
            {
                stop.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(1));
            }
        }
    }
}
