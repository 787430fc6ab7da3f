using StreamForecaster.Alignment;
using StreamForecaster.State;
using StreamForecaster.Worker.Lanes;

namespace StreamForecaster.Worker.State;

/// <summary>What a checkpoint says of its lane as a whole, before the series' records.</summary>
sealed record LaneHead
{
    /// <summary>The format written. Older ones are read, newer ones refused by name.</summary>
    public const int Version = 3;

    /// <summary>The offset of the next record.</summary>
    public required long Position { get; init; }

    /// <summary>The sequence number of the last journal entry that acted.</summary>
    public required long JournalPosition { get; init; }

    /// <summary>Closed steps saved up for re-encodings.</summary>
    public required long EncodingCredit { get; init; }

    /// <summary>The next number of a series' age.</summary>
    public required long Order { get; init; }

    /// <summary>The lane clock's state.</summary>
    public required byte[] Clock { get; init; }

    /// <summary>The version that answers in each group, also in those that have no series yet.</summary>
    public required IReadOnlyList<ModelName> Champions { get; init; }

    /// <summary>The groups with series.</summary>
    public required IReadOnlyList<GroupHead> Groups { get; init; }

    /// <summary>The cohorts, as their table writes them; empty where none are kept, and before format 3.</summary>
    public byte[] Cohorts { get; init; } = [];

    /// <summary>Every version that is needed to go on from here.</summary>
    public IEnumerable<ModelName> Models => Champions
        .Concat(Groups.SelectMany(static group => new ModelName[] { new(group.Name, group.Champion), new(group.Name, group.Predecessor) }))
        .Where(static model => model.Version > 0)
        .Distinct();

    /// <summary>Appends it as a frame.</summary>
    public void Write(ByteBuffer to)
    {
        int start = StateFrame.Begin(to);
        to.Number(Version);
        to.Number(Position);
        to.Number(JournalPosition);
        to.Number(EncodingCredit);
        to.Number(Order);
        to.Bytes(Clock);
        to.Number(Champions.Count);
        foreach (ModelName champion in Champions)
        {
            champion.Write(to);
        }

        to.Number(Groups.Count);
        foreach (GroupHead group in Groups)
        {
            group.Write(to);
        }

        to.Bytes(Cohorts);
        StateFrame.End(to, start, (int)StateKind.Head);
    }

    /// <summary>Reads a frame's payload.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    /// <exception cref="NotSupportedException">It was written by a newer version.</exception>
    public static LaneHead Read(ReadOnlySpan<byte> payload)
    {
        StateReader reader = new(payload);
        long version = reader.Number();
        if (version > Version)
        {
            throw new NotSupportedException($"state of format {version}; this version reads up to {Version} (--cold starts without)");
        }

        LaneHead head = new()
        {
            Position = reader.Number(),
            JournalPosition = reader.Number(),
            EncodingCredit = reader.Number(),
            Order = reader.Number(),
            Clock = reader.Bytes().ToArray(),
            Champions = ModelName.ReadAll(ref reader),
            Groups = GroupHead.ReadAll(ref reader),
            Cohorts = version >= 3 ? reader.Bytes().ToArray() : [],
        };
        head.Check();
        return head;
    }

    // A checksum that is right says that these are the bytes that were written, not by whom.
    void Check()
    {
        if (!LaneClock.IsState(Clock))
        {
            throw new InvalidDataException($"its lane clock, of {Clock.Length} bytes, is none");
        }

        CohortTable.Check(Cohorts);
        HashSet<string> groups = new(StringComparer.Ordinal);
        foreach (GroupHead group in Groups)
        {
            HashSet<string> sections = new(StringComparer.Ordinal);
            if (!groups.Add(group.Name) || group.Sections.Count == 0
                || group.Sections.Any(section => section.Start < 0 || section.Length < 0 || section.Start > int.MaxValue - section.Length || !sections.Add(section.Name)))
            {
                throw new InvalidDataException($"its group '{group.Name}' comes twice, or has no sections, or some that cannot be");
            }
        }
    }
}

/// <summary>A series group in a <see cref="LaneHead"/>: its models and where the stages' parts of a series' block are.</summary>
sealed record GroupHead(string Name, long StepEndNs, long Champion, long Predecessor, IReadOnlyList<StateSection> Sections)
{
    /// <summary>Appends it.</summary>
    public void Write(ByteBuffer to)
    {
        to.Text(Name);
        to.Number(StepEndNs);
        to.Number(Champion);
        to.Number(Predecessor);
        to.Number(Sections.Count);
        foreach (StateSection section in Sections)
        {
            to.Text(section.Name);
            to.Number(section.Start);
            to.Number(section.Length);
            to.Number((long)section.Settings);
        }
    }

    /// <summary>Reads a list of them.</summary>
    public static List<GroupHead> ReadAll(ref StateReader reader)
    {
        List<GroupHead> groups = [];
        for (long i = reader.Number(); i > 0; i--)
        {
            (string name, long stepEndNs, long champion, long predecessor) = (reader.Text(), reader.Number(), reader.Number(), reader.Number());
            List<StateSection> sections = [];
            for (long j = reader.Number(); j > 0; j--)
            {
                sections.Add(new(reader.Text(), (int)reader.Number(), (int)reader.Number(), (ulong)reader.Number()));
            }

            groups.Add(new(name, stepEndNs, champion, predecessor, sections));
        }

        return groups;
    }
}

/// <summary>A version of a group's model.</summary>
readonly record struct ModelName(string Group, long Version)
{
    /// <summary>Appends it.</summary>
    public void Write(ByteBuffer to)
    {
        to.Text(Group);
        to.Number(Version);
    }

    /// <summary>Reads a list of them.</summary>
    public static List<ModelName> ReadAll(ref StateReader reader)
    {
        List<ModelName> models = [];
        for (long i = reader.Number(); i > 0; i--)
        {
            models.Add(new(reader.Text(), reader.Number()));
        }

        return models;
    }
}
