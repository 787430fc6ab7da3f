using StreamForecaster.Decoding;
using StreamForecaster.State;

namespace StreamForecaster.Worker.State;

/// <summary>The series of a checkpoint, counted and held against its head: after this a lane can take it up.</summary>
/// <param name="Of">The series of each group.</param>
/// <param name="OnProbation">Those that have had one step.</param>
sealed record CheckpointSeries(IReadOnlyDictionary<string, int> Of, int OnProbation)
{
    /// <summary>Reads every series' record.</summary>
    /// <exception cref="InvalidDataException">One does not go with the head, or is none.</exception>
    public static CheckpointSeries Read(Checkpoint checkpoint, LaneHead head)
    {
        Dictionary<string, int> series = head.Groups.ToDictionary(static group => group.Name, static _ => 0, StringComparer.Ordinal);
        Dictionary<string, int> blockBytes = head.Groups.ToDictionary(
            static group => group.Name, static group => group.Sections.Max(static s => s.Start + s.Length), StringComparer.Ordinal);
        int onProbation = 0;
        foreach (ReadOnlyMemory<byte> record in checkpoint.Series)
        {
            (string group, bool isOnProbation, int length) = ReadOne(record.Span);
            if (!blockBytes.TryGetValue(group, out int due))
            {
                throw new InvalidDataException($"a series is of the group '{group}', which its head does not name");
            }

            if (!isOnProbation && length < due)
            {
                throw new InvalidDataException($"a series of the group '{group}' has {length} bytes, and should have {due}");
            }

            series[group]++;
            onProbation += isOnProbation ? 1 : 0;
        }

        return new(series, onProbation);
    }

    static (string Group, bool IsOnProbation, int BlockBytes) ReadOne(ReadOnlySpan<byte> record)
    {
        StateReader reader = new(record);
        try
        {
            SeriesIdentity.Parse(reader.Bytes());
        }
        catch (FormatException none)
        {
            throw new InvalidDataException($"a series has no key: {none.Message}", none);
        }

        string group = reader.Text();
        bool isOnProbation = (reader.Number() & 1) != 0;
        reader.Number();
        reader.Number();
        return (group, isOnProbation, reader.Bytes().Length);
    }
}
