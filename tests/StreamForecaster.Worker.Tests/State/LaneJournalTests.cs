using StreamForecaster.State;
using StreamForecaster.Worker.State;
using StreamForecaster.Worker.Tests.Publishing;

namespace StreamForecaster.Worker.Tests.State;

public sealed class LaneJournalTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Compact_EntriesThatAllCheckpointsArePast_GoAndTheSequenceGoesOn()
    {
        using (LaneJournal journal = Filled(300))
        {
            journal.Compact(250);
            Assert.Equal(301, journal.Append(301, JournalKind.Idle, "", 1, 1).Sequence);
        }

        using LaneJournal again = new(_folder.Path);
        Assert.Equal([1, .. Enumerable.Range(251, 51)], again.History.Select(static entry => entry.Sequence));
        Assert.Equal(-1, again.WholeFrom);
        Assert.Equal(302, again.Append(302, JournalKind.Idle, "", 1, 1).Sequence);
    }

    [Fact]
    public void Compact_EverythingPast_KeepsTheStartAndTheLastEntry()
    {
        using LaneJournal journal = Filled(300);

        journal.Compact(1000);

        Assert.Equal([1L, 300], journal.History.Select(static entry => entry.Sequence));
    }

    [Fact]
    public void Compact_AFewEntries_AreNotWorthIt()
    {
        using LaneJournal journal = Filled(50);

        journal.Compact(50);

        Assert.Equal(50, journal.History.Count);
        Assert.Equal(10, journal.WholeFrom);
    }

    [Fact]
    public void History_AfterASecondStart_BeginsThere()
    {
        using LaneJournal journal = Filled(5);

        journal.Append(77, JournalKind.Start, "", 1, 0);
        journal.Append(78, JournalKind.Idle, "", 1, 1);

        Assert.Equal([6L, 7], journal.History.Select(static entry => entry.Sequence));
        Assert.Equal(77, journal.WholeFrom);
    }

    [Fact]
    public void Append_WithALaterOwner_IsRefused()
    {
        using LaneJournal zombie = Filled(3);
        using LaneJournal owner = new(_folder.Path);

        Assert.Contains("a later owner", Assert.Throws<LaneTakenException>(() => zombie.Append(9, JournalKind.Idle, "", 1, 1)).Message, StringComparison.Ordinal);
        Assert.Equal(3, owner.History.Count);
    }

    [Fact]
    public void Read_TornTail_GivesWhatIsWhole()
    {
        Filled(4).Dispose();
        string path = Path.Combine(_folder.Path, LaneJournal.FileName);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^5]);

        Assert.Equal(3, LaneJournal.Read(path).Count);
        using LaneJournal again = new(_folder.Path);
        Assert.Equal(4, again.Append(9, JournalKind.Idle, "", 1, 1).Sequence);
    }

    LaneJournal Filled(int entries)
    {
        LaneJournal journal = new(_folder.Path);
        journal.Append(10, JournalKind.Start, "", 1, 0);
        for (int i = 1; i < entries; i++)
        {
            journal.Append(10 + i, JournalKind.Idle, "", i, i);
        }

        return journal;
    }
}
