using System.Diagnostics;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using StreamForecaster.Learning;
using StreamForecaster.State;
using StreamForecaster.SystemTests.Brokers;
using StreamForecaster.Worker.Configuration;
using StreamForecaster.Windowing;
using StreamForecaster.Worker.Training;

namespace StreamForecaster.SystemTests.Faults;

/// <summary>
/// The daemon as a process on a real broker, killed and started again over a stream that goes on, with a second one beside it in the
/// rebalances; then the same stream once more through a process that nobody disturbs and that is given the same journal.
/// </summary>
sealed class KillRun(RealKafka kafka, KillPlan plan, string name) : IAsyncDisposable
{
    static readonly TimeSpan RebalanceLimit = TimeSpan.FromSeconds(20);

    readonly string _folder = Directory.CreateTempSubdirectory("streamforecaster-kill-").FullName;
    readonly Random _random = new(plan.Seed);
    readonly ForecasterProcess?[] _processes = new ForecasterProcess?[2];
    readonly Dictionary<KillMoment, int> _hits = [];
    readonly List<double> _startSeconds = [];
    readonly string _topic = kafka.Unique(name);
    RecordingDatabase _database = null!;
    KillMoments _moments = null!;
    int _main;

    /// <summary>What was published by the processes that were killed.</summary>
    internal WrittenLines Published => _database.Lines;

    /// <summary>Kills that were seen inside their moment.</summary>
    internal IReadOnlyDictionary<KillMoment, int> Hits => _hits;

    /// <summary>The journal entries of all lanes.</summary>
    internal IReadOnlyList<JournalEntry> Journal => [.. _moments.Histories.Values.SelectMany(static lane => lane.Values)];

    /// <summary>Versions that training brought.</summary>
    internal int Trained => _moments.Trained;

    /// <summary>Seconds from a start to the first partition.</summary>
    internal IReadOnlyList<double> StartSeconds => _startSeconds;

    string StateFolder => Path.Combine(_folder, "state");

    /// <summary>Produces, kills, starts again, and waits until all is published and committed.</summary>
    internal async Task RunAsync()
    {
        _database = await RecordingDatabase.StartAsync();
        _moments = new(
            _database, StateFolder, new ModelStore(Path.Combine(StateFolder, "models"), 1000, TimeProvider.System),
            [.. Enumerable.Range(0, plan.Groups).Select(static group => $"g{group}")],
            FaultSettings.Learning.Model.ToSpec(ModelFeatures.Count, ModelFeatures.Gap));
        using (IAdminClient admin = kafka.NewAdmin())
        {
            // The records' times are years ago: nothing expires.
            await admin.CreateTopicsAsync([new TopicSpecification
            {
                Name = _topic,
                NumPartitions = plan.Partitions,
                ReplicationFactor = 1,
                Configs = new() { ["retention.ms"] = "-1" },
            }]);
        }

        using CancellationTokenSource end = new();
        Producing stream = new(kafka, new((ulong)plan.Seed, _topic, plan.Partitions, plan.Series, plan.Groups), plan.StepEvery);
        Task producing = stream.RunAsync(end.Token);
        for (int kill = 0; kill < plan.Kills; kill++)
        {
            stream.UpTo((kill + 1) * plan.StepsPerLife);
            await LiveAsync(kill);
            _moments.Remember();
        }

        stream.UpTo(plan.Steps);
        Start(_main);
        await stream.ReachedAsync(plan.Steps);
        await CommittedAsync(_topic);
        foreach (ForecasterProcess process in _processes.OfType<ForecasterProcess>().Where(static process => !process.HasExited))
        {
            Assert.DoesNotContain(ForecasterProcess.Secret, await process.DescribeAsync(), StringComparison.Ordinal);
            Assert.DoesNotContain(process.Log, static line => line.Contains(ForecasterProcess.Secret, StringComparison.Ordinal));
            long stop = Stopwatch.GetTimestamp();
            int code = await process.StopAsync();
            Assert.True(code == 0, $"ended with {code}: {string.Join('\n', process.Log.TakeLast(10))}");
            LongRun.Say(name, $"an orderly stop took {Stopwatch.GetElapsedTime(stop).TotalSeconds:F1} s");
        }

        _moments.Remember();
        await end.CancelAsync();
        await producing;
    }

    /// <summary>The same stream through one process without training, given the journal and the models of the processes before.</summary>
    /// <returns>How it differs from what was published before; null where it does not.</returns>
    internal async Task<string?> UndisturbedAsync()
    {
        string group = $"{_topic}-undisturbed";
        string state = Path.Combine(_folder, "undisturbed");
        foreach (string path in Directory.EnumerateFiles(StateFolder, "*", SearchOption.AllDirectories))
        {
            if (Path.GetExtension(path) is not (".segment" or ".manifest"))
            {
                string copy = Path.Combine(state, Path.GetRelativePath(StateFolder, path));
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.Copy(path, copy);
            }
        }

        foreach ((string path, SortedDictionary<long, JournalEntry> entries) in _moments.Histories)
        {
            Assert.Single(entries.Values, static entry => entry.Kind == JournalKind.Start);
            ByteBuffer bytes = new();
            entries.Values.ToList().ForEach(entry => JournalFormat.Write(bytes, entry));
            await File.WriteAllBytesAsync(Path.Combine(state, Path.GetRelativePath(StateFolder, path)), bytes.Written.ToArray());
        }

        await using RecordingDatabase database = await RecordingDatabase.StartAsync();
        Settings settings = SettingsOf(0);
        settings = settings with
        {
            Kafka = settings.Kafka with { GroupId = group, InstanceId = null, IdleAfter = TimeSpan.FromHours(1) },
            Learn = settings.Learn with { Training = TrainingMode.Off },
            State = settings.State with { Directory = state },
            Sinks = settings.Sinks with
            {
                Influx = [settings.Sinks.Influx[0] with { Url = database.Url, Spool = new() }],
                DeadLetters = new() { Directory = Path.Combine(_folder, "undisturbed-dead") },
            },
        };
        using ForecasterProcess process = new(settings, Path.Combine(_folder, "undisturbed-process"));
        await CommittedAsync(group);
        Assert.Equal(0, await process.StopAsync());
        return WrittenLines.Difference(Published, database.Lines);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ForecasterProcess? process in _processes)
        {
            process?.Dispose();
        }

        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    // One life: start, publish something new, die at the moment that is wanted.
    async Task LiveAsync(int kill)
    {
        long start = Stopwatch.GetTimestamp();
        int before = Published.Count;
        Start(_main);
        await UntilAsync(() => Published.Count > before, "something new published");
        KillMoment moment = plan.MomentOf(kill, _hits);
        ForecasterProcess victim = _processes[_main]!;
        bool inside = moment switch
        {
            KillMoment.Checkpoint => await _moments.InCheckpointAsync(victim),
            KillMoment.Drain => await _moments.InDrainAsync(victim, SpoolFolder(_main), plan.SpooledBytes),
            KillMoment.Activation => await _moments.InActivationAsync(victim),
            KillMoment.Rebalance => await InRebalanceAsync(),
            _ => await AnyTimeAsync(victim),
        };
        _hits[moment] = _hits.GetValueOrDefault(moment) + (inside ? 1 : 0);
        LongRun.Say(name, $"kill {kill + 1}: {moment}{(inside ? "" : " (missed)")} after {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s, {Published.Count} results");
    }

    async Task<bool> AnyTimeAsync(ForecasterProcess victim)
    {
        await Task.Delay(_random.Next(plan.LifeMsMax));
        victim.Kill();
        return true;
    }

    // The other process joins; one of the two dies as partitions change hands, and the other one is the daemon from then on.
    async Task<bool> InRebalanceAsync()
    {
        int other = 1 - _main;
        Start(other);
        ForecasterProcess giver = _processes[_main]!, taker = _processes[other]!;
        bool giverDies = _random.Next(2) == 0;
        bool Leaving() => giver.Log.Any(static line =>
            line.Contains(" is given up;", StringComparison.Ordinal) || line.Contains(" is lost;", StringComparison.Ordinal));
        long start = Stopwatch.GetTimestamp();
        bool moving = false;
        while (!moving && Stopwatch.GetElapsedTime(start) < RebalanceLimit)
        {
            await Task.Delay(2, TestContext.Current.CancellationToken);
            moving = taker.Owns > 0 || (giverDies && Leaving());
        }

        (giverDies ? giver : taker).Kill();
        _main = giverDies ? other : _main;
        return moving;
    }

    void Start(int slot)
    {
        if (_processes[slot] is { HasExited: false })
        {
            return;
        }

        if (_processes[slot] is ForecasterProcess before)
        {
            Assert.True(before.WasKilled, $"a process ended by itself: {string.Join('\n', before.Log.TakeLast(20))}");
            before.Dispose();
        }

        long start = Stopwatch.GetTimestamp();
        ForecasterProcess process = new(SettingsOf(slot), Path.Combine(_folder, $"process-{slot}"));
        process.FirstPartition = () => _startSeconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        _processes[slot] = process;
    }

    async Task CommittedAsync(string group)
    {
        using IConsumer<byte[], byte[]> consumer = new ConsumerBuilder<byte[], byte[]>(
            new ConsumerConfig { BootstrapServers = kafka.BootstrapServers, GroupId = group }).Build();
        TopicPartition[] partitions = [.. Enumerable.Range(0, plan.Partitions).Select(p => new TopicPartition(_topic, p))];
        long end = partitions.Sum(partition => consumer.QueryWatermarkOffsets(partition, TimeSpan.FromSeconds(30)).High.Value);
        long committed = 0;
        await UntilAsync(
            () =>
            {
                long now = consumer.Committed(partitions, TimeSpan.FromSeconds(30)).Sum(static offset => Math.Max(0, offset.Offset.Value));
                bool moved = now != committed;
                committed = now;
                return committed == end ? true : moved ? null : false;
            },
            $"{end} records committed by {group}");
    }

    Task UntilAsync(Func<bool> condition, string what) => UntilAsync(() => condition() ? true : (bool?)false, what);

    // True: done. Null: not yet, but it goes on, so the wait begins anew.
    async Task UntilAsync(Func<bool?> condition, string what)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            switch (condition())
            {
                case true:
                    return;
                case null:
                    start = Stopwatch.GetTimestamp();
                    break;
                default:
                    break;
            }

            foreach (ForecasterProcess process in _processes.OfType<ForecasterProcess>())
            {
                Assert.False(process.HasExited && !process.WasKilled, $"a process ended by itself: {string.Join('\n', process.Log.TakeLast(20))}");
            }

            if (Stopwatch.GetElapsedTime(start).TotalSeconds > 60)
            {
                Assert.Fail($"not within 60 s: {what}\n{await _processes[_main]!.DescribeAsync()}");
            }

            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    string SpoolFolder(int slot) => Path.Combine(_folder, $"spool-{slot}");

    Settings SettingsOf(int slot)
    {
        Settings settings = FaultSettings.Create(kafka.BootstrapServers, _topic, _database.Url, StateFolder, SpoolFolder(slot), Path.Combine(_folder, $"dead-{slot}"), $"process-{slot}");
        return settings with { Kafka = settings.Kafka with { InstanceId = $"{_topic}-{slot}", IdleAfter = TimeSpan.FromSeconds(3) } };
    }
}
