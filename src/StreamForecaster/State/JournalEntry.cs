namespace StreamForecaster.State;

/// <summary>
/// What enters a lane and does not follow from its records. It acts before the record at <paramref name="Offset"/>; entries of one
/// offset act in the order of <paramref name="Sequence"/>.
/// </summary>
/// <param name="Offset">The offset of the first record processed after it.</param>
/// <param name="Sequence">Grows by one from entry to entry of a lane.</param>
/// <param name="Generation">Which owner of the lane wrote it.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Group">The series group concerned; empty where it is the whole lane.</param>
/// <param name="Number">The version, or the lane time in nanoseconds.</param>
/// <param name="Extra">The wall-clock time of an idle tick, or the end of a forgotten period, nanoseconds.</param>
public sealed record JournalEntry(
    long Offset, long Sequence, long Generation, JournalKind Kind, string Group, long Number, long Extra);

/// <summary>The kinds of journal entries. Stored as numbers: they may only grow.</summary>
public enum JournalKind
{
    /// <summary>The lane's first start: wall-clock time, against which record timestamps are believed.</summary>
    Start = 1,

    /// <summary>A silent partition's lane time moves on.</summary>
    Idle = 2,

    /// <summary>A champion, or an older version rolled back to, answers from here on.</summary>
    Activate = 3,

    /// <summary>What was learned from a period is forgotten.</summary>
    Forget = 4,
}
