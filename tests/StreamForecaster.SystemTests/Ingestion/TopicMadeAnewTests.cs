using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;
using StreamForecaster.SystemTests.Brokers;
using StreamForecaster.Worker;
using StreamForecaster.Worker.Configuration;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Lanes;

namespace StreamForecaster.SystemTests.Ingestion;

/// <summary>A topic of an Apache Kafka that is deleted and made anew with more records than before: what is committed lies inside it, and only its id tells.</summary>
[Collection(SystemRun.Name)]
public sealed class TopicMadeAnewTests(RealKafka broker) : IDisposable
{
    const int Before = 50;
    const int After = 120;

    readonly string _folder = Directory.CreateTempSubdirectory("streamforecaster-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Start_OnATopicMadeAnew_EndsAndGoesOnOnlyAsConfigured()
    {
        string topic = await broker.NewTopicAsync(1);
        Produce(topic, Before);
        await using (Daemon first = Start(topic, OffsetLoss.Stop))
        {
            Assert.Equal(0, await RunAsync(first, () => Records(first) == Before));
        }

        await MakeAnewAsync(topic);
        await using (Daemon stopping = Start(topic, OffsetLoss.Stop))
        {
            Assert.Equal(1, await stopping.RunAsync(started: null, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
            Assert.Equal(0, Records(stopping));
        }

        await using Daemon going = Start(topic, OffsetLoss.Earliest);
        Assert.Equal(0, await RunAsync(going, () => Records(going) == After));
    }

    [Fact]
    public async Task Run_WhileTheTopicIsMadeAnew_ReadsItFromItsBeginning()
    {
        string topic = await broker.NewTopicAsync(1);
        Produce(topic, Before);
        await using Daemon daemon = Start(topic, OffsetLoss.Earliest);
        int code = await RunAsync(daemon, () => Records(daemon) == Before, async () =>
        {
            Lane before = daemon.Lanes.Hosts.Single().Lane;
            await MakeAnewAsync(topic);

            // What is read before the new id is seen is read again, by a lane of the new topic's own.
            await Wait.UntilAsync(
                () => daemon.Lanes.Hosts.SingleOrDefault()?.Lane is Lane lane && lane != before && lane.Counters.Records == After,
                () => $"{Records(daemon)} records");
        });
        Assert.Equal(0, code);
        Assert.True(Records(daemon) >= Before + After);
    }

    static long Records(Daemon daemon) => daemon.Feed.Health().Records;

    static async Task<int> RunAsync(Daemon daemon, Func<bool> done, Func<Task>? then = null)
    {
        using CancellationTokenSource stop = new();
        Task<int> running = daemon.RunAsync(started: null, stop.Token);
        await Wait.UntilAsync(done, () => $"{Records(daemon)} records; {string.Join(' ', daemon.Feed.Health().Lanes)}");
        if (then is not null)
        {
            await then();
        }

        await stop.CancelAsync();
        return await running;
    }

    async Task MakeAnewAsync(string topic)
    {
        using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.BootstrapServers }).Build();
        await admin.DeleteTopicsAsync([topic]);
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                await broker.CreateTopicAsync(topic, 1);
                break;
            }
            catch (CreateTopicsException) when (attempt < 100)
            {
                // It is still being deleted.
                await Task.Delay(100, TestContext.Current.CancellationToken);
            }
        }

        Produce(topic, After);
    }

    Daemon Start(string topic, OffsetLoss onLoss)
    {
        Settings settings = new()
        {
            Kafka = new()
            {
                BootstrapServers = broker.BootstrapServers,
                Topics = [topic],
                GroupId = $"{topic}-group",
                Start = "earliest",
                OnOffsetLoss = onLoss,
                CommitInterval = TimeSpan.FromMilliseconds(200),
                TopicRefresh = TimeSpan.FromSeconds(1),
            },
            Align = new() { Step = TimeSpan.FromSeconds(1) },
            State = new() { Directory = Path.Combine(_folder, "state") },
            Http = new() { Listen = "" },
            Sinks = new() { DeadLetters = new() { Directory = Path.Combine(_folder, "dead") } },
        };
        return new(
            settings,
            loggers => new KafkaSource(settings.Kafka, TimeProvider.System, loggers.CreateLogger<KafkaSource>()),
            static logging => logging.SetMinimumLevel(LogLevel.Critical));
    }

    void Produce(string topic, int count)
    {
        using IProducer<byte[], byte[]> producer = broker.NewProducer();
        for (int i = 0; i < count; i++)
        {
            long second = 1_700_000_000 + i;
            producer.Produce(new TopicPartition(topic, 0), new()
            {
                Value = Encoding.UTF8.GetBytes(FormattableString.Invariant($"m,host=h value={i} {second}000000000")),
                Timestamp = new(second * 1000, TimestampType.CreateTime),
            });
        }

        Assert.Equal(0, producer.Flush(TimeSpan.FromSeconds(30)));
    }
}
