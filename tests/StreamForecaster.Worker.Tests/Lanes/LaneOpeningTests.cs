using System.Text;
using StreamForecaster.Alignment;
using StreamForecaster.State;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Lanes;
using StreamForecaster.Worker.State;
using StreamForecaster.Worker.Tests.Publishing;

namespace StreamForecaster.Worker.Tests.Lanes;

/// <summary>Where a lane begins after a fault: the newest state that leads to the committed offset, or a cold start.</summary>
public sealed class LaneOpeningTests : IDisposable
{
    const int Stopped = 300;

    static readonly LaneSettings Settings = new() { Align = new AlignmentOptions { Step = TimeSpan.FromSeconds(1) } };

    readonly TemporaryFolder _folder = new();
    readonly ManualTime _time = new();
    readonly CapturedLog _log = new();
    readonly List<TestRecord> _records = TestRecord.Stream(seed: 21, steps: 120, series: 6);
    readonly BatchPools _pools = new();

    string LaneFolder => Path.Combine(_folder.Path, "lanes", LaneRun.Id.ToString());

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_WithACheckpoint_GoesOnThere()
    {
        Live(save: true);

        using LaneHost again = Open(At(Stopped));

        Assert.Equal(Stopped, again.Lane.Position);
        Assert.True(again.Lane.Groups.Single().SeriesCount > 0);
    }

    [Fact]
    public void Open_WithoutACheckpoint_RepeatsTheHistoryFromItsStart()
    {
        Live(save: false);

        using LaneHost again = Open(At(Stopped));
        Assert.Equal(0, again.Lane.Position);
        Feed(again, _records.Take(Stopped));

        using LaneRun expected = new LaneRun(Settings).Feed(_records.Take(Stopped));
        Assert.Equal(expected.Lane.Counters.Steps, again.Lane.Counters.Steps);
        Assert.Equal(0, again.Lane.Counters.Lines);
        Assert.False(again.Lane.IsRecovering);
    }

    [Fact]
    public void Open_NothingThatLeadsToTheCommittedOffset_StartsOneLookbackBeforeIt()
    {
        TimeSpan asked = default;

        using LaneHost cold = Open(new(Stopped, Stopped, 0, span => (asked = span) == default ? 0 : 250));

        Assert.Equal(TimeSpan.FromSeconds(Settings.ModelSpec().Lookback), asked);
        Assert.Equal(250, cold.Lane.Position);
        Feed(cold, _records.Skip(250).Take(Stopped - 250));
        Assert.Equal(0, cold.Lane.Counters.Lines);
        Feed(cold, _records.Skip(Stopped));
        Assert.True(cold.Lane.Counters.Lines > 0);
        Assert.Contains("cold start (no state leads there): reading from 250, results from 300", _log.Text, StringComparison.Ordinal);
        JournalEntry start = Assert.Single(LaneJournal.Read(Path.Combine(LaneFolder, LaneJournal.FileName)));
        Assert.Equal((JournalKind.Start, 250L, UnixTime.Nanoseconds(_time.GetUtcNow())), (start.Kind, start.Offset, start.Number));
    }

    [Theory]
    [InlineData(299, 0, 300)]
    [InlineData(0, 290, 300)]
    [InlineData(300, 0, 0)]
    public void Open_RecoveryLongerThanAllowedOrExpired_StartsCold(long max, long oldest, long position)
    {
        Live(save: false);

        using LaneHost host = Open(new(Stopped, Stopped, oldest, static _ => 300), new() { RestoreMaxRecords = max });

        Assert.Equal(position, host.Lane.Position);
        Assert.Equal(position > 0, _log.Text.Contains("cold start", StringComparison.Ordinal));
    }

    [Fact]
    public void Open_OfATopicWithAnotherId_IsRefusedUntilItIsTakenForAnother()
    {
        using (LaneHost first = Open(new(-1, 0, 0, static _ => 0, TopicId: "one")))
        {
            Feed(first, _records.Take(Stopped));
            first.Save();
        }

        using (LaneHost same = Open(new(Stopped, Stopped, 0, static _ => 0, TopicId: "one")))
        {
            Assert.Equal(Stopped, same.Lane.Position);
            Assert.NotEmpty(same.Lane.Groups);
        }

        PartitionStart anew = new(Stopped, Stopped, 0, static _ => 0, TopicId: "two");
        TopicMadeAnewException refused = Assert.Throws<TopicMadeAnewException>(() => Open(anew));
        Assert.Equal($"{LaneRun.Id}: the topic was made anew (its id is two, and was one); what is committed and kept is of the records before", refused.Message);
        using (LaneHost other = Open(anew with { Committed = -1, From = 0, IsAnother = true }))
        {
            Assert.Equal(0, other.Lane.Position);
            Assert.Empty(other.Lane.Groups);
        }

        using LaneHost unknown = Open(new(Stopped, Stopped, 0, static _ => 0));
        Assert.False(_log.Text.Contains("made anew", StringComparison.Ordinal));
    }

    [Fact]
    public void Open_ColdAsAsked_DoesWithoutTheStateOnce()
    {
        Live(save: true);
        LaneOpening opening = Opening(new(), cold: true);

        using (LaneHost cold = opening.Open(LaneRun.Id, At(Stopped), _pools, []))
        {
            Assert.Equal(Stopped, cold.Lane.Position);
            Assert.Empty(cold.Lane.Groups);
            Feed(cold, _records.Skip(Stopped).Take(50));
            cold.Save();
        }

        using LaneHost again = opening.Open(LaneRun.Id, At(Stopped + 50), _pools, []);
        Assert.Equal(Stopped + 50, again.Lane.Position);
        Assert.NotEmpty(again.Lane.Groups);
    }

    [Fact]
    public void Open_CheckpointFromBeforeAColdStart_IsNotTaken()
    {
        Live(save: true);
        using (LaneHost cold = Opening(new(), cold: true).Open(LaneRun.Id, At(Stopped), _pools, []))
        {
            Feed(cold, _records.Skip(Stopped).Take(20));
        }

        using LaneHost again = Open(At(Stopped + 20));

        Assert.Equal(Stopped, again.Lane.Position);
        Assert.Empty(again.Lane.Groups);
    }

    [Fact]
    public void Open_StateOfANewerVersion_IsRefusedByName()
    {
        Live(save: true);
        ByteBuffer newer = new();
        int start = StateFrame.Begin(newer);
        newer.Number(LaneHead.Version + 1);
        StateFrame.End(newer, start, (int)StateKind.Manifest);
        string path = Path.Combine(LaneFolder, $"{Stopped}.9{LaneStore.ManifestEnding}");
        File.WriteAllBytes(path, newer.Written);

        InvalidOperationException refused = Assert.Throws<InvalidOperationException>(() => Open(At(Stopped)));

        Assert.Contains($"{path}: state of format {LaneHead.Version + 1}", refused.Message, StringComparison.Ordinal);
        using LaneHost cold = Opening(new(), cold: true).Open(LaneRun.Id, At(Stopped), _pools, []);
        Assert.Equal(Stopped, cold.Lane.Position);
    }

    [Fact]
    public void Open_DamagedCheckpoint_IsNamedAndTheOneBeforeTaken()
    {
        Live(save: true);
        using (LaneHost more = Open(At(Stopped)))
        {
            Feed(more, _records.Skip(Stopped).Take(50));
            more.Save();
        }

        string segment = Directory.GetFiles(LaneFolder, "2-*.segment").Single();
        byte[] bytes = File.ReadAllBytes(segment);
        bytes[^3] ^= 1;
        File.WriteAllBytes(segment, bytes);

        using LaneHost again = Open(At(Stopped + 50));

        Assert.Equal(Stopped, again.Lane.Position);
        Assert.Contains($"{Path.GetFileName(segment)} is damaged", _log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_EntriesWhereNoRecordFollows_ActAtOnce()
    {
        Live(save: true);
        using (LaneJournal journal = new(LaneFolder))
        {
            journal.Append(Stopped, JournalKind.Idle, "", UnixTime.Nanoseconds(_time.GetUtcNow()), UnixTime.Nanoseconds(_time.GetUtcNow()));
        }

        using LaneHost again = Open(At(Stopped));
        again.Request(static _ => { });
        again.Run();

        Assert.False(again.Lane.IsRecovering);
        Assert.Equal(UnixTime.Nanoseconds(_time.GetUtcNow()), again.Lane.LaneTime);
    }

    [Fact]
    public void Save_LaneWithALaterOwner_IsGivenUp()
    {
        using LaneHost zombie = Open(PartitionStart.Beginning);
        Feed(zombie, _records.Take(100));
        using LaneHost owner = Open(At(100));
        Feed(owner, _records.Take(200));
        owner.Save();
        zombie.Save();

        Assert.Equal(200, Assert.Single(LaneStore.Manifests(LaneFolder)).Offset);
        Assert.Equal(200, LaneStore.Read(LaneStore.Manifests(LaneFolder).Single().Path, 200).Offset);
    }

    static PartitionStart At(long committed) => new(committed, committed, 0, _ => committed);

    void Live(bool save)
    {
        using LaneHost host = Open(PartitionStart.Beginning);
        Feed(host, _records.Take(Stopped));
        if (save)
        {
            host.Save();
        }
    }

    void Feed(LaneHost host, IEnumerable<TestRecord> records)
    {
        foreach (TestRecord[] some in records.Chunk(40))
        {
            RecordBatch batch = _pools.RentRecords();
            foreach (TestRecord record in some)
            {
                batch.Add(record.Offset, record.TimestampMs, [], Encoding.UTF8.GetBytes(record.Payload));
            }

            host.Deliver(batch);
            host.Run();
        }
    }

    LaneHost Open(PartitionStart start, StateOptions? options = null) => Opening(options ?? new(), cold: false).Open(LaneRun.Id, start, _pools, []);

    LaneOpening Opening(StateOptions options, bool cold) => new(
        Settings, options with { Directory = _folder.Path }, topics: null, cold, new NoTraining(), new(Path.Combine(_folder.Path, "models"), 4, _time), _time,
        new Microsoft.Extensions.Logging.Logger<LaneOpening>(_log));
}
