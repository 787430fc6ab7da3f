using StreamForecaster.Worker.Ingestion;

namespace StreamForecaster.SystemTests.Ingestion;

/// <summary>The Kafka source while its broker is away. It needs a broker of its own: others use the shared one.</summary>
[Collection(SystemRun.Name)]
public sealed class BrokerAwayTests
{
    [Fact]
    public async Task Run_BrokerAwayForAWhile_DoesNotTakeItForSilenceAndGoesOn()
    {
        using EmbeddedBroker broker = new();
        broker.CreateTopic("metrics", 1);
        await using SourceRun run = new(new()
        {
            BootstrapServers = broker.BootstrapServers,
            Start = "earliest",
            IdleAfter = TimeSpan.FromSeconds(1),
            Client = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["reconnect.backoff.max.ms"] = "500",
                ["session.timeout.ms"] = "30000",
            },
        });
        await Wait.UntilAsync(() => run.Lanes.IdleTicks.Count >= 1, () => $"{run.Log}");

        broker.SetUp(false);
        await Wait.UntilAsync(() => run.Log.Lines.Any(line => line.Contains("the client tries again")), () => $"{run.Log}");
        int ticks = run.Lanes.IdleTicks.Count;
        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
        Assert.InRange(run.Lanes.IdleTicks.Count, ticks, ticks + 1);

        broker.SetUp(true);
        using (var producer = new Confluent.Kafka.ProducerBuilder<string, string>(
            new Confluent.Kafka.ProducerConfig { BootstrapServers = broker.BootstrapServers }).Build())
        {
            await producer.ProduceAsync("metrics", new() { Key = "k", Value = "v" }, TestContext.Current.CancellationToken);
        }

        await run.ReceivedAsync(1);
        Assert.Equal("v", run.Lanes.Records[0].Value);
        Assert.Single(run.Lanes.Opened);
    }
}
