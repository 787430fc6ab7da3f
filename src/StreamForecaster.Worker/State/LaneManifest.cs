using StreamForecaster.State;

namespace StreamForecaster.Worker.State;

/// <summary>What makes up a checkpoint: its segments, oldest first, and what it needs besides.</summary>
/// <param name="Segments">The segments' file names.</param>
/// <param name="JournalPosition">The journal's entries after this one are needed.</param>
/// <param name="Models">The models it names.</param>
sealed record LaneManifest(IReadOnlyList<string> Segments, long JournalPosition, IReadOnlyList<ModelName> Models)
{
    /// <summary>Appends it as a frame.</summary>
    public void Write(ByteBuffer to)
    {
        int start = StateFrame.Begin(to);
        to.Number(LaneHead.Version);
        to.Number(Segments.Count);
        foreach (string segment in Segments)
        {
            to.Text(segment);
        }

        to.Number(JournalPosition);
        to.Number(Models.Count);
        foreach (ModelName model in Models)
        {
            model.Write(to);
        }

        StateFrame.End(to, start, (int)StateKind.Manifest);
    }

    /// <summary>Reads what <see cref="Write"/> wrote, or what format 1 had of it.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    /// <exception cref="NotSupportedException">It was written by a newer version.</exception>
    public static LaneManifest Read(ReadOnlySpan<byte> bytes)
    {
        if (!StateFrame.TryRead(bytes, out int kind, out ReadOnlySpan<byte> payload) || kind != (int)StateKind.Manifest)
        {
            throw new InvalidDataException("the manifest is damaged");
        }

        StateReader reader = new(payload);
        long version = reader.Number();
        if (version > LaneHead.Version)
        {
            throw new NotSupportedException($"state of format {version}; this version reads up to {LaneHead.Version} (--cold starts without)");
        }

        List<string> segments = [];
        for (long i = reader.Number(); i > 0; i--)
        {
            string name = reader.Text();
            if (!IsSegment(name))
            {
                // A name, never a path: a manifest must not lead out of its folder.
                throw new InvalidDataException("the manifest names a file that is no segment");
            }

            segments.Add(name);
        }

        return version < 2 ? new(segments, 0, []) : new(segments, reader.Number(), ModelName.ReadAll(ref reader));
    }

    static bool IsSegment(string name) =>
        name.EndsWith(LaneStore.SegmentEnding, StringComparison.Ordinal)
        && name.Length > LaneStore.SegmentEnding.Length
        && name[..^LaneStore.SegmentEnding.Length].All(static c => char.IsAsciiDigit(c) || c == '-');
}
