using StreamForecaster.Alignment;
using StreamForecaster.Decoding;
using StreamForecaster.Grouping;
using StreamForecaster.Worker.Ingestion;

namespace StreamForecaster.Worker.Configuration;

/// <summary>Everything that can be set, a section per stage. The defaults are the record's own; configs/default.json lists them.</summary>
public sealed record Settings
{
    /// <summary>How records are read from Kafka.</summary>
    public KafkaOptions Kafka { get; init; } = new();

    /// <summary>How records become points.</summary>
    public DecodeOptions Decode { get; init; } = new();

    /// <summary>Event time: how points become steps.</summary>
    public AlignmentOptions Align { get; init; } = new();

    /// <summary>Which series there may be, and which of them share settings and a model.</summary>
    public SeriesOptions Series { get; init; } = new();

    /// <summary>Where results go.</summary>
    public SinksOptions Sinks { get; init; } = new();

    /// <summary>Which results are published.</summary>
    public PublishOptions Publish { get; init; } = new();

    /// <summary>The page, the JSON API, health and metrics.</summary>
    public HttpOptions Http { get; init; } = new();

    /// <summary>Metrics about the daemon itself.</summary>
    public TelemetryOptions Telemetry { get; init; } = new();
}
