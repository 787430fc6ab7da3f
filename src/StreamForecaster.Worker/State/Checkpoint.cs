using StreamForecaster.State;

namespace StreamForecaster.Worker.State;

/// <summary>A lane's state as read from its segments: the last head, and the last record of each series.</summary>
sealed class Checkpoint(long offset)
{
    readonly Dictionary<string, ReadOnlyMemory<byte>> _series = new(StringComparer.Ordinal);

    /// <summary>The offset that it stands for.</summary>
    public long Offset => offset;

    /// <summary>The head's record.</summary>
    public ReadOnlyMemory<byte> Head { get; private set; }

    /// <summary>The series' records.</summary>
    public IReadOnlyCollection<ReadOnlyMemory<byte>> Series => _series.Values;

    /// <summary>True once there is a head.</summary>
    public bool IsWhole => !Head.IsEmpty;

    /// <summary>Takes the next record, which overrides what came before it.</summary>
    /// <exception cref="InvalidDataException">It is of no known kind, or ends too early.</exception>
    public void Take(StateKind kind, ReadOnlyMemory<byte> payload)
    {
        switch (kind)
        {
            case StateKind.Head:
                Head = payload;
                break;
            case StateKind.Series:
                _series[Key(payload)] = payload;
                break;
            case StateKind.Removed:
                _series.Remove(Key(payload));
                break;
            default:
                throw new InvalidDataException($"a state record of unknown kind {(int)kind}");
        }
    }

    // Latin-1 keeps every byte: keys need not be valid UTF-8.
    static string Key(ReadOnlyMemory<byte> payload) =>
        System.Text.Encoding.Latin1.GetString(new StateReader(payload.Span).Bytes());
}
