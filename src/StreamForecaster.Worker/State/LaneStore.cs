using System.Globalization;
using StreamForecaster.State;
using StreamForecaster.Worker.Lanes;

namespace StreamForecaster.Worker.State;

/// <summary>
/// A lane's checkpoints in a folder. Each writes one segment, with what changed since the one before; a manifest
/// <c>OFFSET.NUMBER.manifest</c> names the segments that make up the state. When the segments have become twice as long as
/// their live part, the next checkpoint writes everything.
/// </summary>
sealed class LaneStore
{
    const string ManifestEnding = ".manifest";
    const int GrowthMax = 2;

    readonly string _folder;
    readonly int _kept;
    List<string> _segments = [];
    long _bytes;
    long _fullBytes;
    long _number;
    long _committed = -1;

    /// <summary>Opens a lane's folder.</summary>
    public LaneStore(string folder, int kept)
    {
        Directory.CreateDirectory(folder);
        _folder = folder;
        _kept = kept;
        _number = Manifests().Select(static m => m.Number).DefaultIfEmpty().Max();
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
    public FileStream BeginSegment() =>
        new(Path.Combine(_folder, Segment(++_number)), FileMode.Create, FileAccess.Write, FileShare.Read);

    /// <summary>Keeps a checkpoint whose segment is written: the segment is made durable, then the manifest that names it.</summary>
    /// <param name="offset">The lane's position.</param>
    /// <param name="everything">Whether it stands alone.</param>
    /// <param name="segment">The segment; it is closed.</param>
    /// <exception cref="IOException">The disk refused; the checkpoints before are as they were, and the next one writes everything.</exception>
    public void Complete(long offset, bool everything, FileStream segment)
    {
        long length = segment.Length;
        List<string> segments = everything ? [Segment(_number)] : [.. _segments, Segment(_number)];
        _segments = [];
        using (segment)
        {
            segment.Flush(flushToDisk: true);
        }

        ByteBuffer bytes = new();
        int start = StateFrame.Begin(bytes);
        bytes.Number(Lane.StateVersion);
        bytes.Number(segments.Count);
        segments.ForEach(bytes.Text);
        StateFrame.End(bytes, start, (int)StateKind.Manifest);
        string manifest = string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, offset)}.{_number}{ManifestEnding}");
        DurableFile.Write(Path.Combine(_folder, manifest), bytes.Written);
        _segments = segments;
        _bytes = everything ? length : _bytes + length;
        _fullBytes = everything ? length : _fullBytes;
        DeleteOld();
    }

    /// <summary>A checkpoint was given up: the next one writes everything.</summary>
    public void Abandon() => _segments = [];

    /// <summary>The newest valid checkpoint at or before an offset; null where there is none.</summary>
    /// <param name="committed">The group's committed offset.</param>
    /// <param name="refused">Told of each checkpoint that is damaged, in one line.</param>
    public Checkpoint? Load(long committed, Action<string> refused)
    {
        Committed = committed;
        foreach ((long offset, long number, string path) in Manifests().Where(m => m.Offset <= committed).OrderByDescending(static m => m.Number))
        {
            try
            {
                return Read(path, offset);
            }
            catch (Exception damage) when (damage is InvalidDataException or IOException)
            {
                refused($"{path}: {damage.Message}; the checkpoint before it is taken");
            }
        }

        return null;
    }

    /// <summary>The manifests, in no order.</summary>
    public IEnumerable<(long Offset, long Number, string Path)> Manifests()
    {
        foreach (string path in Directory.EnumerateFiles(_folder, "*" + ManifestEnding))
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
    /// <exception cref="InvalidDataException">It is damaged, or of a newer format.</exception>
    public Checkpoint Read(string manifest, long offset)
    {
        Checkpoint checkpoint = new(offset);
        foreach (string segment in Segments(manifest))
        {
            byte[] bytes = File.ReadAllBytes(Path.Combine(_folder, segment));
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

    static string Segment(long number) => string.Create(CultureInfo.InvariantCulture, $"{number}.segment");

    static List<string> Segments(string manifest)
    {
        if (!StateFrame.TryRead(File.ReadAllBytes(manifest), out int kind, out ReadOnlySpan<byte> payload) || kind != (int)StateKind.Manifest)
        {
            throw new InvalidDataException("the manifest is damaged");
        }

        StateReader reader = new(payload);
        long version = reader.Number();
        if (version > Lane.StateVersion)
        {
            throw new InvalidDataException($"state of format {version}; this version reads up to {Lane.StateVersion} (--cold starts without)");
        }

        List<string> segments = [];
        for (long i = reader.Number(); i > 0; i--)
        {
            segments.Add(Path.GetFileName(reader.Text()));
        }

        return segments;
    }

    // A segment stays while a kept manifest names it; one that is damaged names nothing, and goes with its turn.
    void DeleteOld()
    {
        List<(long Offset, long Number, string Path)> manifests = [.. Manifests().OrderByDescending(static m => m.Number)];
        (long Offset, long Number, string Path) restart = manifests.Find(m => m.Offset <= Committed);
        List<string> kept = [.. manifests.Where((m, newer) => newer < _kept || m == restart).Select(static m => m.Path)];
        HashSet<string> needed = new(StringComparer.Ordinal);
        foreach (string path in kept)
        {
            try
            {
                needed.UnionWith(Segments(path));
            }
            catch (InvalidDataException)
            {
                continue;
            }
        }

        foreach (string path in manifests.Select(static m => m.Path).Except(kept, StringComparer.Ordinal))
        {
            File.Delete(path);
        }

        foreach (string segment in Directory.EnumerateFiles(_folder, "*.segment"))
        {
            if (!needed.Contains(Path.GetFileName(segment)))
            {
                File.Delete(segment);
            }
        }
    }
}
