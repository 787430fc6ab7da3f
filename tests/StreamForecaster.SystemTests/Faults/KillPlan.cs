namespace StreamForecaster.SystemTests.Faults;

/// <summary>When the process is killed.</summary>
enum KillMoment
{
    /// <summary>At a random moment after it has published something.</summary>
    AnyTime,

    /// <summary>While a segment is written that no manifest names yet.</summary>
    Checkpoint,

    /// <summary>While what waited in the spool goes to the database.</summary>
    Drain,

    /// <summary>While some lanes have journalled a new champion and others have not.</summary>
    Activation,

    /// <summary>While partitions go from one process to another.</summary>
    Rebalance,
}

/// <summary>The size of a kill test.</summary>
sealed record KillPlan
{
    /// <summary>Seeds the records, the moments and the victims.</summary>
    internal required int Seed { get; init; }

    /// <summary>How often the process is killed.</summary>
    internal required int Kills { get; init; }

    /// <summary>The moments that are hit, besides <see cref="KillMoment.AnyTime"/>.</summary>
    internal IReadOnlyList<KillMoment> Moments { get; init; } = [KillMoment.Checkpoint, KillMoment.Drain, KillMoment.Activation, KillMoment.Rebalance];

    /// <summary>Kills that must be seen inside each of the moments that are not <see cref="KillMoment.AnyTime"/>.</summary>
    internal required int KillsInside { get; init; }

    /// <summary>Steps of every series that come between two kills.</summary>
    internal required int StepsPerLife { get; init; }

    /// <summary>The series, spread over the partitions and groups in turn.</summary>
    internal required int Series { get; init; }

    /// <summary>Wall-clock time between two steps: what the process has to keep up with.</summary>
    internal required TimeSpan StepEvery { get; init; }

    /// <summary>A kill at any time comes at most so many milliseconds after the first new result.</summary>
    internal required int LifeMsMax { get; init; }

    /// <summary>Bytes that must wait in the spool before it is drained.</summary>
    internal required int SpooledBytes { get; init; }

    /// <summary>A partition that is silent for so long moves on by an idle tick: the end of each life waits for it.</summary>
    internal TimeSpan IdleAfter { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How often a lane that goes on keeps its state.</summary>
    internal TimeSpan CheckpointEvery { get; init; } = TimeSpan.FromMilliseconds(700);

    internal int Partitions { get; init; } = 4;

    internal int Groups { get; init; } = 8;

    internal int Steps => (Kills + 1) * StepsPerLife;

    /// <summary>The moment of a kill: the four special ones in turn until each has been hit often enough, every second one by chance.</summary>
    internal KillMoment MomentOf(int kill, IReadOnlyDictionary<KillMoment, int> hits)
    {
        KillMoment[] wanted = [.. Moments.Where(moment => hits.GetValueOrDefault(moment) < KillsInside)];
        bool mustHurry = Kills - kill <= 2 * wanted.Length * KillsInside;
        return wanted.Length == 0 || (kill % 2 == 0 && !mustHurry) ? KillMoment.AnyTime : wanted[kill / 2 % wanted.Length];
    }
}
