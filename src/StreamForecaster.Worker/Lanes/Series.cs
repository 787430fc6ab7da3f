using StreamForecaster.Decoding;
using StreamForecaster.Publishing;
using StreamForecaster.State;

namespace StreamForecaster.Worker.Lanes;

/// <summary>One series of a lane: who it is and where its block of state lies. Everything that changes with its points is in the block.</summary>
sealed class Series
{
    readonly byte[] _key;

    /// <summary>Makes a series from its canonical key.</summary>
    public Series(ReadOnlySpan<byte> key, ulong hash)
    {
        _key = key.ToArray();
        Hash = hash;
    }

    /// <summary>The canonical key.</summary>
    public ReadOnlySpan<byte> Key => _key;

    /// <summary><see cref="KeyHash.Of"/> of the key.</summary>
    public ulong Hash { get; }

    /// <summary>Its place in the lane's table.</summary>
    public int Index { get; set; }

    /// <summary>Its group in this lane.</summary>
    public required LaneGroup Group { get; init; }

    /// <summary>What is written of it; made when it leaves probation.</summary>
    public SeriesLabels? Labels { get; set; }

    /// <summary>True until its second measured step: it has an aligner's state and nothing else.</summary>
    public bool OnProbation { get; set; } = true;

    /// <summary>It has come more than once: on probation it gives way after those that have not.</summary>
    public bool HasReturned { get; set; }

    /// <summary>Its block: of the group's probation pool first, then of its full pool.</summary>
    public nint Block { get; set; }

    /// <summary>Measured steps closed on probation.</summary>
    public int ProbationSteps { get; set; }

    /// <summary>The due time of its entry in the schedule; <see cref="long.MinValue"/> while it has none.</summary>
    public long ScheduledDue { get; set; } = long.MinValue;

    /// <summary>The number of the micro-batch that holds a step of it: a second one must wait for the next.</summary>
    public long InBatch { get; set; } = -1;

    /// <summary>True after a gap too long to fill, until its next point.</summary>
    public bool IsStale { get; set; }

    /// <summary>The series that it is scored together with; null until it has been looked for.</summary>
    public Cohort? Cohort { get; set; }

    /// <summary>True where it has none of the tags that make a cohort.</summary>
    public bool HasNoCohort { get; set; }

    /// <summary>True where there was no room for its cohort.</summary>
    public bool IsAlone { get; set; }

    /// <summary>Its turn in the queue that it is in: of new series, of those on probation that have returned, or of stale ones.</summary>
    public long Order { get; set; }

    /// <summary>Changed since the last checkpoint.</summary>
    public bool IsDirty { get; set; }

    /// <summary>Part of the checkpoint under way, and not yet written.</summary>
    public bool IsUnwritten { get; set; }

    /// <summary>The series' name for people.</summary>
    public string Display => SeriesIdentity.Parse(_key).Display;
}
