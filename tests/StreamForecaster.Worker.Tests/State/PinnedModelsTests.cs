using StreamForecaster.State;
using StreamForecaster.Worker.State;
using StreamForecaster.Worker.Tests.Publishing;

namespace StreamForecaster.Worker.Tests.State;

/// <summary>Versions that a lane may still ask for after a fault.</summary>
public sealed class PinnedModelsTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    string Lane => Path.Combine(_folder.Path, "metrics-0");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Of_JournalWithoutCheckpoint_EveryActivation()
    {
        using LaneJournal journal = Journal();

        Assert.Equal([1L, 2, 3], new PinnedModels(_folder.Path).Of("cpu").Order());
        Assert.Empty(new PinnedModels(_folder.Path).Of("mem"));
    }

    [Fact]
    public void Of_KeptCheckpoints_TheirModelsAndWhatComesAfterTheOldest()
    {
        using LaneJournal journal = Journal();
        LaneStore store = new(Lane, 2, journal);
        Keep(store, offset: 100, journalPosition: 3, champion: 2);
        Keep(store, offset: 200, journalPosition: 4, champion: 3);

        Assert.Equal([2L, 3], new PinnedModels(_folder.Path).Of("cpu").Order());
    }

    [Fact]
    public void Of_NoFolder_Nothing() => Assert.Empty(new PinnedModels(Path.Combine(_folder.Path, "none")).Of("cpu"));

    LaneJournal Journal()
    {
        LaneJournal journal = new(Lane);
        journal.Append(0, JournalKind.Start, "", 1, 0);
        for (int version = 1; version <= 3; version++)
        {
            journal.Append(50 * version, JournalKind.Activate, "cpu", version, 0);
        }

        return journal;
    }

    static void Keep(LaneStore store, long offset, long journalPosition, long champion)
    {
        LaneHead head = new()
        {
            Position = offset,
            JournalPosition = journalPosition,
            EncodingCredit = 0,
            Order = 0,
            Clock = new byte[StreamForecaster.Alignment.LaneClock.StateBytes],
            Champions = [new("cpu", champion)],
            Groups = [],
        };
        FileStream segment = store.BeginSegment();
        ByteBuffer frames = new();
        head.Write(frames);
        segment.Write(frames.Written);
        store.Complete(head, everything: true, segment);
    }
}
