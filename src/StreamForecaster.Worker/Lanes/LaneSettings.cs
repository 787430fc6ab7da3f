using StreamForecaster.Alignment;
using StreamForecaster.Decoding;
using StreamForecaster.Forecasting;
using StreamForecaster.Grouping;
using StreamForecaster.Learning;
using StreamForecaster.Models;
using StreamForecaster.Scoring;
using StreamForecaster.Windowing;
using StreamForecaster.Worker.Configuration;

namespace StreamForecaster.Worker.Lanes;

/// <summary>The settings of all stages of a lane.</summary>
public sealed record LaneSettings
{
    /// <summary>From bytes to points.</summary>
    public DecodeOptions Decode { get; init; } = new();

    /// <summary>The largest record, before and after inflation.</summary>
    public int MaxRecordBytes { get; init; } = RecordDecoder.UsualRecordBytes;

    /// <summary>From points to steps.</summary>
    public AlignmentOptions Align { get; init; } = new();

    /// <summary>Which series, and their groups.</summary>
    public SeriesOptions Series { get; init; } = new();

    /// <summary>Experts, mixture and bands.</summary>
    public MixtureOptions Forecast { get; init; } = new();

    /// <summary>Anomaly scores and events.</summary>
    public ScoreOptions Score { get; init; } = new();

    /// <summary>Which series are scored together.</summary>
    public CohortOptions Cohorts { get; init; } = new();

    /// <summary>When nothing is alarmed or learned.</summary>
    public IReadOnlyList<MaintenanceWindow> Maintenance { get; init; } = [];

    /// <summary>The model and its training.</summary>
    public LearnOptions Learn { get; init; } = new();

    /// <summary>What is published.</summary>
    public PublishOptions Publish { get; init; } = new();

    /// <summary>Whether results for Kafka topics are made beside the lines.</summary>
    public bool Messages { get; init; }

    /// <summary>The spec that the models of a group have.</summary>
    /// <param name="rule">The group's rule, or null.</param>
    public ModelSpec ModelSpec(SeriesGroupOptions? rule = null) =>
        (rule?.Model?.Over(Learn.Model) ?? Learn.Model).ToSpec(ModelFeatures.Count, ModelFeatures.Gap);
}
