namespace StreamForecaster.Worker.State;

/// <summary>A checkpoint read from the first byte to the last: what is in it, or the <see cref="InvalidDataException"/> that says what is wrong.</summary>
/// <param name="Path">The manifest.</param>
/// <param name="Number">Its number; the greatest is the newest.</param>
/// <param name="Head">The lane as a whole.</param>
/// <param name="Segments">The files that make it up.</param>
/// <param name="Bytes">Their length, and the manifest's.</param>
/// <param name="SeriesOf">The series of each group.</param>
/// <param name="OnProbation">The series that have had one step.</param>
sealed record LaneInspection(
    string Path, long Number, LaneHead Head, int Segments, long Bytes, IReadOnlyDictionary<string, int> SeriesOf, int OnProbation)
{
    /// <summary>The series in all.</summary>
    public int Series => SeriesOf.Values.Sum();

    /// <summary>The lanes' folders in a state folder; of a lane's own folder, itself.</summary>
    public static IEnumerable<string> LanesIn(string path)
    {
        string lanes = System.IO.Path.Combine(path, "lanes");
        string[] folders = LaneStore.Manifests(path).Any() || File.Exists(System.IO.Path.Combine(path, LaneJournal.FileName)) ? [path]
            : Directory.GetDirectories(Directory.Exists(lanes) ? lanes : path);
        return folders.Order(StringComparer.Ordinal);
    }

    /// <summary>Reads a checkpoint.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    /// <exception cref="NotSupportedException">It was written by a newer version.</exception>
    /// <exception cref="IOException">A file of it is missing or cannot be read.</exception>
    public static LaneInspection Read((long Offset, long Number, string Path) manifest)
    {
        LaneManifest parts = LaneManifest.Read(File.ReadAllBytes(manifest.Path));
        Checkpoint checkpoint = LaneStore.Read(manifest.Path, manifest.Offset);
        LaneHead head = LaneHead.Read(checkpoint.Head.Span);
        if (Math.Max(0, head.Position) != manifest.Offset)
        {
            throw new InvalidDataException($"its name says offset {manifest.Offset}, its head {head.Position}");
        }

        CheckpointSeries series = CheckpointSeries.Read(checkpoint, head);
        string folder = System.IO.Path.GetDirectoryName(manifest.Path)!;
        long bytes = parts.Segments.Append(System.IO.Path.GetFileName(manifest.Path)).Sum(file => new FileInfo(System.IO.Path.Combine(folder, file)).Length);
        return new(manifest.Path, manifest.Number, head, parts.Segments.Count, bytes, series.Of, series.OnProbation);
    }

    /// <summary>The newest checkpoint of a lane's folder that can be read, or null.</summary>
    public static LaneInspection? Newest(string folder)
    {
        foreach ((long Offset, long Number, string Path) manifest in LaneStore.Manifests(folder).OrderByDescending(static m => m.Number))
        {
            try
            {
                return Read(manifest);
            }
            catch (Exception damage) when (damage is InvalidDataException or NotSupportedException or IOException)
            {
                continue;
            }
        }

        return null;
    }
}
