using StreamForecaster.SystemTests.Databases;
using StreamForecaster.Worker.Publishing.Influx;

namespace StreamForecaster.SystemTests.Publishing;

/// <summary>The sink on VictoriaMetrics, through InfluxDB's second address.</summary>
[Collection(SystemRun.Name)]
public sealed class VictoriaSinkTests(VictoriaServer database) : InfluxSinkContract(database, InfluxApi.V2);
