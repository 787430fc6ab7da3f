using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using StreamForecaster.Models;
using StreamForecaster.State;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Lanes;
using StreamForecaster.Worker.State;
using StreamForecaster.Worker.Tests.Publishing;
using StreamForecaster.Worker.Training;

namespace StreamForecaster.Worker.Tests.Lanes;

/// <summary>What a lane's host keeps on the disk, and when.</summary>
public sealed class LaneHostTests : IDisposable
{
    static readonly LaneId Id = new("metrics", 0);
    static readonly LaneSettings Settings = new() { Align = new() { Step = TimeSpan.FromSeconds(1) } };
    static readonly List<TestRecord> Records = TestRecord.Stream(seed: 11, steps: 40, series: 3);

    readonly string _folder = Directory.CreateTempSubdirectory("streamforecaster-host-").FullName;
    readonly ManualTime _clock = new();
    readonly BatchPools _pools = new();
    readonly RecordingSink _sink = new(acknowledgeAtOnce: false);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Run_AChampionWasKnownBeforeTheLaneWasOpened_IsJournalledAtTheFirstRun()
    {
        LaneOpening opening = Opening();
        opening.Remember("m", 5, Forecaster.Create(Settings.ModelSpec(), seed: 1));
        using LaneHost host = opening.Open(Id, PartitionStart.Beginning, _pools, [_sink]);

        Assert.False(host.Deliver(Batch(0, 10)));
        while (host.Run())
        {
        }

        Assert.Equal(10, host.Lane.Position);
        Assert.True(host.Lane.Answers("m", 5));
        Assert.Equal(2, host.Lane.JournalPosition);
    }

    [Fact]
    public void Run_TheVersionThatAnswersAlready_IsNotJournalledAgain()
    {
        Forecaster model = Forecaster.Create(Settings.ModelSpec(), seed: 1);
        using LaneHost host = Opening().Open(Id, PartitionStart.Beginning, _pools, [_sink]);
        for (int i = 0; i < 2; i++)
        {
            host.Request(new JournalRequest(JournalKind.Activate, "m", 5, 0, model));
            host.Run();
        }

        Assert.Equal(2, host.Lane.JournalPosition);
    }

    // Records of 0 to 30 have gone to the sinks when the first owner dies, and nothing of it is committed. A champion that came in at 10
    // would give 10 to 30 other results the second time.
    [Fact]
    public void Run_AfterAnOwnerThatDied_NothingNewActsOnWhatItMayHavePublished()
    {
        LaneHost died = Opening().Open(Id, PartitionStart.Beginning, _pools, [_sink]);
        _clock.Advance(TimeSpan.FromSeconds(10));
        died.Deliver(Batch(0, 30));
        died.Run();

        Forecaster model = Forecaster.Create(Settings.ModelSpec(), seed: 1);
        using LaneHost host = Opening().Open(Id, PartitionStart.Beginning, _pools, [_sink]);
        host.Request(new JournalRequest(JournalKind.Activate, "m", 5, 0, model));
        host.Deliver(Batch(0, 20));
        host.Run();
        Assert.False(host.Lane.Answers("m", 5));

        host.Deliver(Batch(20, Records.Count - 20));
        while (host.Run())
        {
        }

        Assert.True(host.Lane.Answers("m", 5));

        died.Deliver(Batch(30, 80));
        Assert.Throws<LaneTakenException>(() => died.Run());
    }

    // An idle tick's results have the offset of the records before it. A restart that took a checkpoint from after the tick would never
    // publish them.
    [Fact]
    public void Run_AnIdleTicksResultsAreNotAcknowledged_NoCheckpointStandsForThem()
    {
        using LaneHost host = Opening().Open(Id, PartitionStart.Beginning, _pools, [_sink]);
        host.Deliver(Batch(0, Records.Count));
        host.Run();
        _sink.Release();
        Assert.Equal(Records.Count, host.Committable);
        string before = _sink.Lines(Id);
        _clock.Advance(TimeSpan.FromMinutes(1));
        host.Idle(_clock.GetUtcNow());
        host.Run();
        Assert.NotEqual(before, _sink.Lines(Id));

        host.Save();
        Assert.Empty(Manifests());

        _sink.Release();
        host.Save();
        Assert.Single(Manifests());
    }

    [Fact]
    public void Run_CheckpointsOvertakeTheCommits_TheOneThatARestartNeedsStays()
    {
        using LaneHost host = Opening(kept: 2).Open(Id, PartitionStart.Beginning, _pools, [_sink]);
        for (int i = 0; i < 6; i++)
        {
            host.Deliver(Batch(10 * i, 10));
            host.Run();
            _sink.Release();
            host.Save();
            if (i == 1)
            {
                host.Committed(25);
            }
        }

        Assert.Equal([20, 50, 60], Manifests());
        Assert.Equal(20, new LaneStore(LaneFolder, 2, journal: null).Load(25, Assert.Fail)!.Offset);
    }

    string LaneFolder => Path.Combine(_folder, "lanes", "metrics-0");

    List<long> Manifests() => [.. LaneStore.Manifests(LaneFolder).Select(static manifest => manifest.Offset).Order()];

    LaneOpening Opening(int kept = 3) => new(
        Settings,
        new StateOptions { Directory = _folder, CheckpointEvery = TimeSpan.FromDays(1), Kept = kept },
        topics: null,
        cold: false,
        new NoTraining(),
        new ModelStore(Path.Combine(_folder, "models"), 10, _clock),
        _clock,
        NullLogger<LaneOpening>.Instance);

    RecordBatch Batch(int first, int count)
    {
        RecordBatch batch = _pools.RentRecords();
        foreach (TestRecord record in Records.Skip(first).Take(count))
        {
            batch.Add(record.Offset, record.TimestampMs, [], Encoding.UTF8.GetBytes(record.Payload));
        }

        return batch;
    }
}
