using StreamForecaster.SystemTests.Brokers;

namespace StreamForecaster.SystemTests.Ingestion;

/// <summary>The Kafka source on the built-in broker.</summary>
[Collection(SystemRun.Name)]
public sealed class EmbeddedKafkaSourceTests(EmbeddedKafka broker) : KafkaSourceContract(broker)
{
    protected override bool TakesCommitsWhileRebalancing => false;
}
