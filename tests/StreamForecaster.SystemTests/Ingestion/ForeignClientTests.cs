using StreamForecaster.SystemTests.Brokers;

namespace StreamForecaster.SystemTests.Ingestion;

/// <summary>Kafka clients that are not ours: <c>kcat</c> writes what we read, and reads what we write.</summary>
[Collection(SystemRun.Name)]
public sealed class ForeignClientTests(EmbeddedKafka broker)
{
    [Fact]
    public async Task Kcat_Produces_SourceReads()
    {
        string topic = await broker.NewTopicAsync(4);
        await using SourceRun run = new(new()
        {
            BootstrapServers = broker.BootstrapServers,
            Topics = [topic],
            GroupId = broker.Unique("group"),
            Start = "earliest",
        });

        await KcatAsync("box/cpu0|{\"fields\":{\"v\":1}}\nbox/cpu1|{\"fields\":{\"v\":2}}\n", "-P", "-t", topic, "-K", "|");
        await run.ReceivedAsync(2);

        Assert.Equal(["box/cpu0", "box/cpu1"], run.Lanes.Records.Select(record => record.Key).Order());
        Assert.Equal(
            ["{\"fields\":{\"v\":1}}", "{\"fields\":{\"v\":2}}"], run.Lanes.Records.Select(record => record.Value).Order());
    }

    [Fact]
    public async Task Kcat_Consumes_WhatOurProducerWrote()
    {
        string topic = await broker.NewTopicAsync(2);
        broker.Produce(topic, 2, 10);

        string answer = await KcatAsync("", "-C", "-t", topic, "-o", "beginning", "-e", "-q", "-f", "%k=%s\n");

        Assert.Equal(
            Enumerable.Range(0, 10).Select(i => $"key{i % 2}={i}").Order(),
            answer.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
    }

    Task<string> KcatAsync(string input, params string[] arguments) => Kcat.RunAsync(broker, input, arguments);
}
