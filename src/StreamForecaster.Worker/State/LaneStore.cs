using System.Globalization;
using StreamForecaster.State;
using StreamForecaster.Worker.Publishing.Disk;

namespace StreamForecaster.Worker.State;

/// <summary>
/// A lane's checkpoints in a folder. Each writes one segment, with what changed since the one before; a manifest
/// <c>OFFSET.NUMBER.manifest</c> names the segments that make up the state. When the segments have become twice as long as
/// their live part, the next checkpoint writes everything.
/// </summary>
sealed class LaneStore
{
    /// <summary>What the names of manifests end with.</summary>
    public const string ManifestEnding = ".manifest";

    /// <summary>What the names of segments end with.</summary>
    public const string SegmentEnding = ".segment";

    const int GrowthMax = 2;

    readonly string _folder;
    readonly int _kept;
    readonly LaneJournal? _journal;
    readonly LaneTopic? _topic;
    List<string> _segments = [];
    long _bytes;
    long _fullBytes;
    long _number;
    long _committed = -1;

    /// <summary>Opens a lane's folder.</summary>
    /// <param name="folder">The folder; it is made.</param>
    /// <param name="kept">Checkpoints kept.</param>
    /// <param name="journal">The lane's journal: its owner alone completes checkpoints, and what they are past is dropped from it. Null for a reader.</param>
    /// <param name="topic">Where checkpoints go as well, or null.</param>
    public LaneStore(string folder, int kept, LaneJournal? journal, LaneTopic? topic = null)
    {
        _topic = topic;
        Directory.CreateDirectory(folder);
        _folder = folder;
        _kept = kept;
        _journal = journal;
        _number = Manifests(folder).Select(static m => m.Number).DefaultIfEmpty().Max();
    }

    /// <summary>The offset that the group has committed: the newest checkpoint at or before it stays, however many have come since. May
    /// be set from any thread.</summary>
    public long Committed
    {
        get => Volatile.Read(ref _committed);
        set => Volatile.Write(ref _committed, value);
    }

    /// <summary>True where the next checkpoint should write everything.</summary>
    public bool WantsEverything => _segments.Count == 0 || _bytes > GrowthMax * _fullBytes;

    /// <summary>Starts the segment of a checkpoint.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public FileStream BeginSegment()
    {
        _number++;
        return new(Path.Combine(_folder, Segment()), FileMode.Create, FileAccess.Write, FileShare.Read);
    }

    /// <summary>Keeps a checkpoint whose segment is written: the segment is made durable, then the manifest that names it.</summary>
    /// <param name="head">The head that the segment begins with.</param>
    /// <param name="everything">Whether it stands alone.</param>
    /// <param name="segment">The segment; it is closed.</param>
    /// <exception cref="IOException">The disk refused, or the lane has a later owner; the checkpoints before are as they were, and the next one writes
    /// everything.</exception>
    public void Complete(LaneHead head, bool everything, FileStream segment)
    {
        long length = segment.Length;
        List<string> segments = everything ? [Segment()] : [.. _segments, Segment()];
        _segments = [];
        using (segment)
        {
            segment.Flush(flushToDisk: true);
        }

        DurableFolder.Sync(_folder);
        _journal?.CheckOwner();
        ByteBuffer bytes = new();
        new LaneManifest(segments, head.JournalPosition, [.. head.Models]).Write(bytes);
        string manifest = string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, head.Position)}.{_number}{ManifestEnding}");
        DurableFile.Write(Path.Combine(_folder, manifest), bytes.Written);
        _segments = segments;
        _bytes = everything ? length : _bytes + length;
        _fullBytes = everything ? length : _fullBytes;
        DeleteOld();
        _topic?.Keep();
    }

    /// <summary>A checkpoint was given up: the next one writes everything.</summary>
    public void Abandon() => _segments = [];

    /// <summary>The newest valid checkpoint at or before an offset; null where there is none.</summary>
    /// <param name="offset">The offset to go on from.</param>
    /// <param name="refused">Told of each checkpoint that is damaged, in one line.</param>
    /// <exception cref="InvalidOperationException">One was written by a newer version of the daemon.</exception>
    public Checkpoint? Load(long offset, Action<string> refused)
    {
        Committed = offset;
        foreach ((long at, _, string path) in Manifests(_folder).Where(m => m.Offset <= offset).OrderByDescending(static m => m.Number))
        {
            try
            {
                // One from before the journal's last start is of a former history, which the journal does not lead on from.
                Checkpoint checkpoint = Read(path, at);
                LaneHead head = LaneHead.Read(checkpoint.Head.Span);
                if (head.JournalPosition >= (_journal?.Start?.Sequence ?? 0))
                {
                    CheckpointSeries.Read(checkpoint, head);
                    return checkpoint;
                }
            }
            catch (NotSupportedException newer)
            {
                throw new InvalidOperationException($"{path}: {newer.Message}", newer);
            }
            catch (Exception damage) when (damage is InvalidDataException or IOException)
            {
                refused($"{path}: {damage.Message}; the checkpoint before it is taken");
            }
        }

        return null;
    }

    /// <summary>The manifests in a lane's folder, in no order.</summary>
    public static IEnumerable<(long Offset, long Number, string Path)> Manifests(string folder)
    {
        foreach (string path in Directory.EnumerateFiles(folder, "*" + ManifestEnding))
        {
            string[] parts = Path.GetFileName(path).Split('.');
            if (parts.Length == 3 && long.TryParse(parts[0], CultureInfo.InvariantCulture, out long offset)
                && long.TryParse(parts[1], CultureInfo.InvariantCulture, out long number))
            {
                yield return (offset, number, path);
            }
        }
    }

    /// <summary>Reads a checkpoint whole.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    /// <exception cref="NotSupportedException">It was written by a newer version.</exception>
    /// <exception cref="IOException">A file of it is missing or cannot be read.</exception>
    public static Checkpoint Read(string manifest, long offset)
    {
        Checkpoint checkpoint = new(offset);
        foreach (string segment in LaneManifest.Read(File.ReadAllBytes(manifest)).Segments)
        {
            byte[] bytes = File.ReadAllBytes(Path.Combine(Path.GetDirectoryName(manifest)!, segment));
            int at = 0;
            while (at < bytes.Length)
            {
                if (!StateFrame.TryRead(bytes.AsSpan(at), out int kind, out ReadOnlySpan<byte> payload))
                {
                    throw new InvalidDataException($"{segment} is damaged at byte {at}");
                }

                checkpoint.Take((StateKind)kind, bytes.AsMemory(at + StateFrame.PrefixBytes, payload.Length));
                at += StateFrame.PrefixBytes + payload.Length;
            }
        }

        return checkpoint.IsWhole ? checkpoint : throw new InvalidDataException("it has no head");
    }

    // With the generation in its name, an owner that has been overtaken overwrites nothing of the next one.
    string Segment() => string.Create(CultureInfo.InvariantCulture, $"{_number}-{_journal?.Generation ?? 0}{SegmentEnding}");

    // A segment stays while a kept manifest names it; one that is damaged names nothing, and goes with its turn.
    void DeleteOld()
    {
        List<(long Offset, long Number, string Path)> manifests = [.. Manifests(_folder).OrderByDescending(static m => m.Number)];
        (long Offset, long Number, string Path) restart = manifests.Find(m => m.Offset <= Committed);
        List<string> kept = [.. manifests.Where((m, newer) => newer < _kept || m == restart).Select(static m => m.Path)];
        HashSet<string> needed = new(StringComparer.Ordinal);
        long journalPosition = long.MaxValue;
        foreach (string path in kept)
        {
            try
            {
                LaneManifest manifest = LaneManifest.Read(File.ReadAllBytes(path));
                needed.UnionWith(manifest.Segments);
                journalPosition = Math.Min(journalPosition, manifest.JournalPosition);
            }
            catch (Exception useless) when (useless is InvalidDataException or NotSupportedException)
            {
                continue;
            }
        }

        foreach (string path in manifests.Select(static m => m.Path).Except(kept, StringComparer.Ordinal))
        {
            File.Delete(path);
        }

        foreach (string segment in Directory.EnumerateFiles(_folder, "*" + SegmentEnding))
        {
            if (!needed.Contains(Path.GetFileName(segment)))
            {
                File.Delete(segment);
            }
        }

        // Without a checkpoint to restart from, the whole history is what leads to the committed offset.
        if (restart.Path is not null)
        {
            _journal?.Compact(journalPosition);
        }
    }
}
