using System.ComponentModel.DataAnnotations;

namespace StreamForecaster.Worker.Configuration;

/// <summary>Metrics about the daemon itself, beside /metrics.</summary>
public sealed record TelemetryOptions
{
    /// <summary>An OTLP endpoint that metrics are sent to, such as http://localhost:4317; null: none.</summary>
    public Uri? OtlpEndpoint { get; init; }

    /// <summary>The protocol spoken there.</summary>
    public OtlpProtocol OtlpProtocol { get; init; } = OtlpProtocol.Grpc;

    /// <summary>How often metrics are sent there; OpenTelemetry's own default.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan OtlpEvery { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>How OTLP is spoken.</summary>
public enum OtlpProtocol
{
    /// <summary>gRPC, port 4317 as a rule.</summary>
    Grpc,

    /// <summary>Protobuf over HTTP, port 4318 as a rule, path /v1/metrics.</summary>
    HttpProtobuf,
}
