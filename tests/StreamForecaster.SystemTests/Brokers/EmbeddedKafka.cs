using StreamForecaster.Worker.Ingestion;

namespace StreamForecaster.SystemTests.Brokers;

/// <summary>The built-in broker of librdkafka.</summary>
public sealed class EmbeddedKafka : KafkaBroker, IDisposable
{
    readonly EmbeddedBroker _broker = new();

    public override string? Missing => null;

    public override string BootstrapServers => _broker.BootstrapServers;

    public override Task CreateTopicAsync(string name, int partitions)
    {
        _broker.CreateTopic(name, partitions);
        return Task.CompletedTask;
    }

    public void Dispose() => _broker.Dispose();
}
