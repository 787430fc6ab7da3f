using StreamForecaster.Worker.Ingestion;

namespace StreamForecaster.Worker.Tests.Ingestion;

public sealed class KafkaClientTests
{
    [Fact]
    public void ForConsumer_AnyOptions_NeverCommitsOrResetsByItself()
    {
        Dictionary<string, string> settings = KafkaClient.ForConsumer(new() { InstanceId = "one" })
            .ToDictionary(setting => setting.Key, setting => setting.Value, StringComparer.Ordinal);

        Assert.Equal("false", settings["enable.auto.commit"], ignoreCase: true);
        Assert.Equal("error", settings["auto.offset.reset"]);
        Assert.Equal("cooperative-sticky", settings["partition.assignment.strategy"]);
        Assert.Equal("one", settings["group.instance.id"]);
    }

    [Fact]
    public void ForConsumerAndProducer_ClientSettings_ArePassedThrough()
    {
        KafkaOptions options = new()
        {
            SaslPassword = "between-us",
            Client = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["security.protocol"] = "sasl_ssl",
                ["sasl.mechanisms"] = "SCRAM-SHA-512",
                ["queued.max.messages.kbytes"] = "1024",
            },
        };

        Assert.Equal("sasl_ssl", KafkaClient.ForConsumer(options).Get("security.protocol"));
        Assert.Equal("SCRAM-SHA-512", KafkaClient.ForProducer(options).Get("sasl.mechanisms"));
        Assert.Equal("between-us", KafkaClient.ForConsumer(options).SaslPassword);
        Assert.Equal("1024", KafkaClient.ForConsumer(options).Get("queued.max.messages.kbytes"));
    }
}
