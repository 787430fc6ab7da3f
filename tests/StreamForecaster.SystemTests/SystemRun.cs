using StreamForecaster.SystemTests.Brokers;
using StreamForecaster.SystemTests.Databases;
using StreamForecaster.SystemTests.Live;

namespace StreamForecaster.SystemTests;

/// <summary>All system tests run one after the other and share what is slow to start: a broker of each kind, databases, a browser.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class SystemRun
    : ICollectionFixture<EmbeddedKafka>, ICollectionFixture<RealKafka>, ICollectionFixture<Browser>,
        ICollectionFixture<InfluxServer>, ICollectionFixture<VictoriaServer>
{
    public const string Name = "system";
}
