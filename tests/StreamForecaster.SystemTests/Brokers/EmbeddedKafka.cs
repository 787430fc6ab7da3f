using StreamForecaster.Worker.Ingestion;

namespace StreamForecaster.SystemTests.Brokers;

/// <summary>The built-in broker of librdkafka.</summary>
public sealed class EmbeddedKafka : KafkaBroker, IDisposable
{
    readonly EmbeddedBroker _broker;

    /// <summary>One broker.</summary>
    public EmbeddedKafka()
        : this(1)
    {
    }

    internal EmbeddedKafka(int brokers) => _broker = new(brokers);

    /// <summary>The broker, to make things go wrong.</summary>
    internal EmbeddedBroker Broker => _broker;

    public override string? Missing => null;

    public override string BootstrapServers => _broker.BootstrapServers;

    public override Task CreateTopicAsync(string name, int partitions)
    {
        _broker.CreateTopic(name, partitions);
        return Task.CompletedTask;
    }

    public void Dispose() => _broker.Dispose();
}
