namespace StreamForecaster.State;

/// <summary>
/// A journal entry as a <see cref="StateFrame"/>: format version, offset, sequence, generation, number, extra, group; the frame's kind is
/// the entry's. A torn or damaged tail is told from a whole entry by the checksum.
/// </summary>
public static class JournalFormat
{
    /// <summary>The version written. Older ones are read, newer ones refused.</summary>
    public const int Version = 1;

    /// <summary>Appends an entry.</summary>
    public static void Write(ByteBuffer to, JournalEntry entry)
    {
        int start = StateFrame.Begin(to);
        to.Number(Version);
        to.Number(entry.Offset);
        to.Number(entry.Sequence);
        to.Number(entry.Generation);
        to.Number(entry.Number);
        to.Number(entry.Extra);
        to.Text(entry.Group);
        StateFrame.End(to, start, (int)entry.Kind);
    }

    /// <summary>Reads the entry at the start of <paramref name="bytes"/>.</summary>
    /// <returns>The entry and its length; null where what is there is not a whole, undamaged entry.</returns>
    /// <exception cref="InvalidDataException">It was written by a newer version.</exception>
    public static (JournalEntry Entry, int Length)? Read(ReadOnlySpan<byte> bytes)
    {
        if (!StateFrame.TryRead(bytes, out int kind, out ReadOnlySpan<byte> payload))
        {
            return null;
        }

        StateReader reader = new(payload);
        long version = reader.Number();
        if (version > Version)
        {
            throw new InvalidDataException($"journal entry of format {version}; this version reads up to {Version}");
        }

        long offset = reader.Number();
        long sequence = reader.Number();
        long generation = reader.Number();
        long number = reader.Number();
        long extra = reader.Number();
        return (new(offset, sequence, generation, (JournalKind)kind, reader.Text(), number, extra),
            StateFrame.PrefixBytes + payload.Length);
    }
}
