using StreamForecaster.SystemTests.Brokers;
using StreamForecaster.Worker.Ingestion;

namespace StreamForecaster.SystemTests.Ingestion;

/// <summary>TLS and SASL come through the client's own settings.</summary>
[Collection(SystemRun.Name)]
public sealed class KafkaSecurityTests(RealKafka broker)
{
    [Fact]
    public async Task Run_TlsAndPassword_Reads()
    {
        string topic = await broker.NewTopicAsync(1);
        broker.Produce(topic, 1, 3);

        await using SourceRun run = new(Options(topic, RealKafka.Password));
        await run.ReceivedAsync(3);

        Assert.Equal(["0", "1", "2"], run.Lanes.Records.Select(record => record.Value));
    }

    [Fact]
    public async Task Run_WrongPassword_EndsWithOneLineThatHoldsNoSecret()
    {
        string topic = await broker.NewTopicAsync(1);

        await using SourceRun run = new(Options(topic, "guessed"));
        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() => run.Completion);

        Assert.Contains("authentication", thrown.Message, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("guessed", $"{thrown.Message} {run.Log}");
        Assert.DoesNotContain('\n', thrown.Message);
    }

    KafkaOptions Options(string topic, string password) => new()
    {
        BootstrapServers = broker.SecureBootstrapServers,
        Topics = [topic],
        GroupId = broker.Unique("group"),
        Start = "earliest",
        Client = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["security.protocol"] = "sasl_ssl",
            ["sasl.mechanisms"] = "PLAIN",
            ["sasl.username"] = "reader",
            ["sasl.password"] = password,
            ["ssl.ca.location"] = broker.CertificatePath,
        },
    };
}
