using System.Text.Json;
using StreamForecaster.SystemTests.Brokers;
using StreamForecaster.Worker.Configuration;
using StreamForecaster.Worker.Ingestion;

namespace StreamForecaster.SystemTests.Faults;

/// <summary>Brokers and databases that answer with every error that passes: what is published is what an undisturbed run publishes. The built-in
/// broker lives in this process; it keeps 5 MiB a partition, and the streams are smaller than that.</summary>
[Collection(SystemRun.Name)]
public sealed class FaultTests
{
    const int Brokers = 3;

    // Enough for results; the others come once there is something to disturb.
    const int FirstSteps = 12;
    const int Partitions = 4;

    // The protocol's requests, and the errors that each of them may be answered with for a while.
    static readonly (short Api, int[] Errors)[] Retriable =
    [
        (1, [6, 7, 3]),          // fetch: not leader, timed out, unknown topic or partition
        (3, [5, 7]),             // metadata: leader not available, timed out
        (8, [14, 15, 16]),       // offset commit: coordinator loading, not available, moved
        (9, [14, 15, 16]),       // offset fetch
        (10, [15]),              // find coordinator: not available
        (12, [27, 16, 15]),      // heartbeat: rebalance in progress, coordinator moved, not available
        (11, [15, 16]),          // join group
        (14, [15, 16]),          // sync group
    ];

    [Fact]
    public Task Faults_OfBrokerAndDatabase_PublishWhatAnUndisturbedRunDoes() => RunAsync("faults-short", seed: 50, series: 200, steps: 60, TimeSpan.FromMilliseconds(50));

    [LongFact("faults")]
    public Task Faults_OfBrokerAndDatabaseForMinutes_PublishWhatAnUndisturbedRunDoes() => RunAsync("faults", seed: 51, series: 400, steps: 400, TimeSpan.FromSeconds(1.5));

    static async Task RunAsync(string name, int seed, int series, int steps, TimeSpan stepEvery)
    {
        using EmbeddedKafka kafka = new(Brokers);
        string dead = "";
        await using FaultRun run = new(kafka, Partitions, name)
        {
            Change = (_, settings) =>
            {
                dead = settings.Sinks.DeadLetters.Directory;
                return Patient(settings);
            },
        };
        await run.OpenAsync();
        SinkFaults database = new(seed, share: 0.2);
        PartialWrites partial = new(oneIn: 800);
        (run.Database.Fault, run.Database.Partial) = (database.AnswerAsync, partial);
        using CancellationTokenSource end = new();
        Producing stream = new(kafka, new((ulong)seed, run.Topic, Partitions, series, groups: 4), stepEvery);
        stream.UpTo(FirstSteps);
        Task producing = stream.RunAsync(end.Token);
        run.Start(0);
        await run.UntilAsync(() => run.Published.Count > 0, "the first results");
        stream.UpTo(steps);
        int faults = await DisturbAsync(run, kafka.Broker, stream, new(seed), steps);
        await run.CommittedAsync();
        await end.CancelAsync();
        await producing;
        await run.StopAsync(0);
        (run.Database.Fault, run.Database.Partial) = (null, null);
        string? differing = run.Published.Differing();
        string? difference = await run.UndisturbedAsync();
        LongRun.Say(name, $"seed {seed}: {(long)steps * series} records, {faults} faults of the brokers, of the database {string.Join(", ", database.Told.Select(static told => $"{told.Key} {told.Value}"))}");
        LongRun.Say(name, $"{run.Published.Count} results in {run.Published.Attempts} lines; {partial.Accepted} distinct lines in, {partial.Refused.Count} refused: {string.Join(", ", partial.Told.Where(static told => told.Key.Length > 0).Select(static told => $"{told.Key} {told.Value}"))}");
        Assert.True(faults > 0 && database.Told.Count > 0 && partial.Refused.Count > 0, "nothing was disturbed");
        Assert.True(differing is null, differing);
        Assert.True(difference is null, difference);
        Assert.Equal(partial.Refused.Order(StringComparer.Ordinal), RefusedIn(dead));
        Assert.Equal(run.Published.Count, partial.Accepted + partial.Refused.Count);
        Assert.True(run.Published.Results > 2 * series * (steps - 6), $"{run.Published.Results} results");
    }

    static Settings Patient(Settings settings) => settings with
    {
        Kafka = settings.Kafka with
        {
            Client = new Dictionary<string, string>(settings.Kafka.Client, StringComparer.Ordinal)
            {
                ["reconnect.backoff.max.ms"] = "500",
                ["session.timeout.ms"] = "20000",
            },
        },
        Sinks = settings.Sinks with
        {
            Influx = [settings.Sinks.Influx[0] with { Timeout = TimeSpan.FromSeconds(1), AlarmDelay = TimeSpan.FromMilliseconds(300) }],
        },
    };

    // Each dead letter says why in the server's words.
    static SortedSet<string> RefusedIn(string folder)
    {
        SortedSet<string> lines = new(StringComparer.Ordinal);
        foreach (string text in Directory.EnumerateFiles(folder, "*.jsonl").SelectMany(File.ReadLines))
        {
            using JsonDocument letter = JsonDocument.Parse(text);
            Assert.Contains(PartialWrites.Reason, letter.RootElement.GetProperty("reason").GetString(), StringComparison.Ordinal);
            lines.Add(PartialWrites.Known(letter.RootElement.GetProperty("line").GetString()!));
        }

        return lines;
    }

    // Errors at one request in twenty, all the time; brokers that go and come, slow answers, leaders and a coordinator that move, one after the other.
    static async Task<int> DisturbAsync(FaultRun run, EmbeddedBroker broker, Producing stream, Random random, int steps)
    {
        int faults = 0;
        while (stream.Written < steps)
        {
            foreach ((short api, int[] errors) in Retriable)
            {
                int[] answers = new int[20];
                answers[random.Next(answers.Length)] = errors[random.Next(errors.Length)];
                broker.FailRequests(api, answers);
                faults++;
            }

            int id = random.Next(Brokers) + 1;
            switch (random.Next(4))
            {
                case 0:
                    broker.SetUp(false, id);
                    await Task.Delay(random.Next(500, 1500), TestContext.Current.CancellationToken);
                    broker.SetUp(true, id);
                    break;
                case 1:
                    broker.SetRoundTrip(TimeSpan.FromMilliseconds(500), id);
                    await Task.Delay(random.Next(500, 1500), TestContext.Current.CancellationToken);
                    broker.SetRoundTrip(TimeSpan.Zero, id);
                    break;
                case 2:
                    broker.MoveLeader(run.Topic, random.Next(Partitions), id);
                    break;
                default:
                    if (await IsSteadyAsync(run, broker, () => stream.Written >= steps))
                    {
                        broker.MoveCoordinator(run.Topic, id);
                    }

                    break;
            }

            faults++;
            await Task.Delay(300, TestContext.Current.CancellationToken);
        }

        return faults;
    }

    // The built-in broker does not outlive a member that joins over a second connection while the answer to its first is due, and that takes it
    // nearly a session's time-out. So the coordinator moves while nobody joins: no more of the errors that lead there, then commits that pass.
    static async Task<bool> IsSteadyAsync(FaultRun run, EmbeddedBroker broker, Func<bool> isOver)
    {
        foreach (short api in (short[])[11, 12, 14])
        {
            broker.FailNoMore(api);
        }

        return await run.CommitsMoveAsync(times: 3, isOver);
    }
}
