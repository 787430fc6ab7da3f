using System.Diagnostics;
using StreamForecaster.Learning;
using StreamForecaster.SystemTests.Brokers;
using StreamForecaster.Worker.Configuration;

namespace StreamForecaster.SystemTests.Faults;

/// <summary>
/// Processes of the daemon between a topic and a recording database, sharing a state folder; and the same stream once more through one that
/// nobody disturbs.
/// </summary>
class FaultRun(KafkaBroker kafka, int partitions, string name) : IAsyncDisposable
{
    /// <summary>What the run is called in figures.</summary>
    protected string Name { get; } = name;

    /// <summary>A name for this run's topic and consumer group.</summary>
    internal string Topic { get; } = kafka.Unique(name);

    /// <summary>The database; what it has written down is what was published.</summary>
    internal RecordingDatabase Database { get; private set; } = null!;

    /// <summary>What was published.</summary>
    internal WrittenLines Published => Database.Lines;

    /// <summary>Every journal entry that the lanes ever had.</summary>
    internal LaneHistories Histories { get; private set; } = null!;

    /// <summary>The processes by slot; null where none was started.</summary>
    internal ForecasterProcess?[] Processes { get; } = new ForecasterProcess?[8];

    /// <summary>Changes the settings of the process of a slot.</summary>
    internal Func<int, Settings, Settings> Change { get; init; } = static (_, settings) => settings;

    /// <summary>True where the processes are asked for collections.</summary>
    internal bool Collects { get; init; }

    /// <summary>Seconds from a start to the first partition.</summary>
    internal List<double> StartSeconds { get; } = [];

    /// <summary>Where the state is.</summary>
    internal string StateFolder { get; init; } = Directory.CreateTempSubdirectory("streamforecaster-state-").FullName;

    /// <summary>Everything else.</summary>
    protected string Folder { get; } = Directory.CreateTempSubdirectory("streamforecaster-faults-").FullName;

    /// <summary>The broker.</summary>
    protected KafkaBroker Kafka => kafka;

    /// <summary>Creates the topic and starts the database.</summary>
    internal async Task OpenAsync(int databasePort = 0)
    {
        Database = await RecordingDatabase.StartAsync(databasePort);
        Histories = new(Path.Combine(StateFolder, "lanes"));
        await kafka.CreateLastingTopicAsync(Topic, partitions);
    }

    /// <summary>The folder of a process' spool.</summary>
    internal string SpoolFolder(int slot) => Path.Combine(Folder, $"spool-{slot}");

    /// <summary>Bytes that wait in a process' spool.</summary>
    internal long SpooledBytes(int slot) => !Directory.Exists(SpoolFolder(slot)) ? 0
        : new DirectoryInfo(SpoolFolder(slot)).EnumerateFiles("*.spool", SearchOption.AllDirectories).Sum(static file => file.Exists ? file.Length : 0);

    /// <summary>Waits until nothing waits in a process' spool, however long it takes as long as it goes on.</summary>
    internal Task DrainedAsync(int slot) => GoingOnAsync(() => SpooledBytes(slot), static bytes => bytes == 0, static bytes => $"{bytes} bytes in the spool");

    /// <summary>Starts the process of a slot, unless it runs.</summary>
    internal void Start(int slot)
    {
        if (Processes[slot] is { HasExited: false })
        {
            return;
        }

        if (Processes[slot] is ForecasterProcess before)
        {
            Assert.True(before.WasKilled, $"a process ended by itself: {string.Join('\n', before.Log.TakeLast(20))}");
            before.Dispose();
        }

        long start = Stopwatch.GetTimestamp();
        ForecasterProcess process = new(SettingsOf(slot), Path.Combine(Folder, $"process-{slot}"), Collects);
        process.FirstPartition = () => StartSeconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        Processes[slot] = process;
    }

    /// <summary>Stops the process of a slot in good order.</summary>
    internal async Task StopAsync(int slot)
    {
        ForecasterProcess process = Processes[slot]!;
        Assert.DoesNotContain(ForecasterProcess.Secret, await process.DescribeAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(process.Log, static line => line.Contains(ForecasterProcess.Secret, StringComparison.Ordinal));
        Assert.DoesNotContain(process.Log, static line => line.Contains("cold start", StringComparison.Ordinal));
        int code = await process.StopAsync();
        Assert.True(code == 0, $"ended with {code}: {string.Join('\n', process.Log.TakeLast(10))}");
        Histories.Remember();
    }

    /// <summary>Waits until everything in the topic is committed, however long it takes as long as it goes on.</summary>
    internal async Task CommittedAsync(string? group = null)
    {
        using Commits commits = new(kafka.BootstrapServers, group ?? Topic, Topic, partitions);
        await GoingOnAsync(
            () => commits.Read() is (long committed, long there) ? there - committed : null,
            static left => left == 0,
            static left => $"{left} records not committed");
    }

    /// <summary>Waits until more has been committed, so many times; false where it is over before.</summary>
    internal async Task<bool> CommitsMoveAsync(int times, Func<bool> isOver)
    {
        using Commits commits = new(kafka.BootstrapServers, Topic, Topic, partitions);
        long? last = null;
        int moves = -1;
        bool HaveMoved(long committed)
        {
            moves += committed != last ? 1 : 0;
            last = committed;
            return moves >= times || isOver();
        }

        await GoingOnAsync(() => commits.Read()?.Committed, HaveMoved, _ => $"{times} commits");
        return moves >= times;
    }

    /// <summary>Waits for a condition, 60 s at most. The processes must live.</summary>
    internal Task UntilAsync(Func<bool> condition, string what) => UntilAsync(() => condition() ? true : (bool?)false, () => what);

    /// <summary>The same stream through one process. With the journal and the models of those before it does not train; without, it is independent.</summary>
    /// <returns>How it differs from what was published before; null where it does not.</returns>
    internal async Task<string?> UndisturbedAsync(bool independent = false)
    {
        string group = $"{Topic}-undisturbed";
        string state = Path.Combine(Folder, "undisturbed");
        if (!independent)
        {
            Histories.CopyTo(state, StateFolder);
        }

        await using RecordingDatabase database = await RecordingDatabase.StartAsync();
        Settings settings = SettingsOf(0);
        settings = settings with
        {
            Kafka = settings.Kafka with { GroupId = group, InstanceId = null, IdleAfter = TimeSpan.FromHours(1) },
            Learn = settings.Learn with { Training = independent ? settings.Learn.Training : TrainingMode.Off },
            State = settings.State with { Directory = state },
            Sinks = settings.Sinks with
            {
                Influx = [settings.Sinks.Influx[0] with { Url = database.Url, Spool = new() }],
                DeadLetters = new() { Directory = Path.Combine(Folder, "undisturbed-dead") },
            },
        };
        using ForecasterProcess process = new(settings, Path.Combine(Folder, "undisturbed-process"));
        await CommittedAsync(group);
        Assert.Equal(0, await process.StopAsync());
        return WrittenLines.Difference(Published, database.Lines);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ForecasterProcess? process in Processes)
        {
            process?.Dispose();
        }

        await Database.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
        if (Directory.Exists(StateFolder))
        {
            Directory.Delete(StateFolder, recursive: true);
        }

        GC.SuppressFinalize(this);
    }

    // Waits for the end of what goes on, 60 s at most without a change. Null: nobody can say.
    Task GoingOnAsync(Func<long?> look, Func<long, bool> isEnd, Func<long?, string> what)
    {
        long? last = null;
        return UntilAsync(
            () =>
            {
                long? now = look();
                bool moved = now is null || now != last;
                last = now ?? last;
                return now is long known && isEnd(known) ? true : moved ? null : false;
            },
            () => what(last));
    }

    // True: done. Null: not yet, but it goes on, so the wait begins anew.
    async Task UntilAsync(Func<bool?> condition, Func<string> what)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            bool? done = condition();
            if (done == true)
            {
                return;
            }

            start = done is null ? Stopwatch.GetTimestamp() : start;
            foreach (ForecasterProcess process in Processes.OfType<ForecasterProcess>())
            {
                Assert.False(process.HasExited && !process.WasKilled, $"a process ended by itself: {string.Join('\n', process.Log.TakeLast(20))}");
            }

            if (Stopwatch.GetElapsedTime(start).TotalSeconds > 60)
            {
                ForecasterProcess? running = Processes.FirstOrDefault(static process => process is { HasExited: false });
                Assert.Fail($"not within 60 s: {what()}\n{(running is null ? "" : await running.DescribeAsync())}");
            }

            Histories.Remember();
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    Settings SettingsOf(int slot) => Change(slot, FaultSettings.Create(
        kafka.BootstrapServers, Topic, Database.Url, StateFolder, SpoolFolder(slot), Path.Combine(Folder, $"dead-{slot}"), $"process-{slot}"));
}
