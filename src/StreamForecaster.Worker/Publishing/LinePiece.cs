namespace StreamForecaster.Worker.Publishing;

/// <summary>Whole lines, each with its newline, that go out as one request.</summary>
readonly record struct LinePiece(ReadOnlyMemory<byte> Lines, int Count)
{
    /// <summary>The first <paramref name="count"/> lines, as many as fit into <paramref name="maxBytes"/> but at least one, and the rest.</summary>
    public (LinePiece Head, LinePiece Remainder) Split(int count, int maxBytes = int.MaxValue)
    {
        ReadOnlySpan<byte> lines = Lines.Span;
        int taken = 0;
        int end = 0;
        while (taken < Count && taken < count)
        {
            int length = lines[end..].IndexOf((byte)'\n') + 1;
            if (taken > 0 && end + length > maxBytes)
            {
                break;
            }

            end += length;
            taken++;
        }

        return (new(Lines[..end], taken), new(Lines[end..], Count - taken));
    }
}
