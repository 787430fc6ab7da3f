using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using StreamForecaster.Worker.Configuration;

namespace StreamForecaster.Worker.Telemetry;

/// <summary>Sends our metrics to an OTLP endpoint, where one is configured. An endpoint that is away loses metrics, nothing else.</summary>
public sealed class OtlpExport(TelemetryOptions options) : IHostedService, IDisposable
{
    MeterProvider? _provider;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.OtlpEndpoint is not null)
        {
            _provider = Sdk.CreateMeterProviderBuilder()
                .ConfigureResource(resource => resource.AddService("streamforecaster"))
                .AddMeter(PipelineMetrics.Meters)
                .AddOtlpExporter((exporter, reader) =>
                {
                    exporter.Endpoint = options.OtlpEndpoint;
                    exporter.Protocol = options.OtlpProtocol == OtlpProtocol.Grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
                    reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)options.OtlpEvery.TotalMilliseconds;
                })
                .Build();
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        // The last figures go out, if that is quick.
        _provider?.ForceFlush(2_000);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose() => _provider?.Dispose();
}
