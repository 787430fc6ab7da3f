using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using StreamForecaster.Alignment;
using StreamForecaster.Decoding;
using StreamForecaster.Forecasting;
using StreamForecaster.Grouping;
using StreamForecaster.Learning;
using StreamForecaster.Scoring;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Ingestion.Repartition;
using StreamForecaster.Worker.Lanes;
using StreamForecaster.Worker.State;

namespace StreamForecaster.Worker.Configuration;

/// <summary>Everything that can be set, a section per stage. The defaults are the record's own; configs/default.json lists them.</summary>
public sealed record Settings : IValidatableObject
{
    /// <summary>What this process does: <c>forecast</c>, <c>train</c>, <c>repartition</c>.</summary>
    [MinLength(1)]
    public IReadOnlyList<Role> Roles { get; init; } = [Role.Forecast, Role.Train];

    /// <summary>How records are read from Kafka.</summary>
    public KafkaOptions Kafka { get; init; } = new();

    /// <summary>How records become points.</summary>
    public DecodeOptions Decode { get; init; } = new();

    /// <summary>Event time: how points become steps.</summary>
    public AlignmentOptions Align { get; init; } = new();

    /// <summary>Which series there may be, and which of them share settings and a model.</summary>
    public SeriesOptions Series { get; init; } = new();

    /// <summary>Experts, mixture and bands.</summary>
    public MixtureOptions Forecast { get; init; } = new();

    /// <summary>Anomaly scores and events.</summary>
    public ScoreOptions Score { get; init; } = new();

    /// <summary>Which series are scored together as well, such as those of a host.</summary>
    public CohortOptions Cohorts { get; init; } = new();

    /// <summary>Maintenance windows: no alarms, no learning.</summary>
    public IReadOnlyList<MaintenanceWindow> Maintenance { get; init; } = [];

    /// <summary>The model and its training.</summary>
    public LearnOptions Learn { get; init; } = new();

    /// <summary>The topic that samples go through where several processes learn together: a series group is trained by the process with role <c>train</c> that
    /// has its partition, and all share the model store (a folder, or <c>state.store: topic</c>). Empty: each process trains for its own lanes.</summary>
    public string SamplesTopic { get; init; } = "";

    /// <summary>The role <c>repartition</c>.</summary>
    public RepartitionOptions Repartition { get; init; } = new();

    /// <summary>Where lanes keep their journal, checkpoints and models.</summary>
    public StateOptions State { get; init; } = new();

    /// <summary>Where results go.</summary>
    public SinksOptions Sinks { get; init; } = new();

    /// <summary>Which results are published.</summary>
    public PublishOptions Publish { get; init; } = new();

    /// <summary>How the daemon uses the machine, and how it ends.</summary>
    public RuntimeOptions Runtime { get; init; } = new();

    /// <summary>The page, the JSON API, health and metrics.</summary>
    public HttpOptions Http { get; init; } = new();

    /// <summary>Metrics about the daemon itself.</summary>
    public TelemetryOptions Telemetry { get; init; } = new();

    /// <summary>What no section can see alone: what the roles need, and that a group's model is its own settings over <c>learn.model</c>.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Roles.Contains(Role.Repartition) && (Repartition.From.Length == 0 || Repartition.To.Length == 0))
        {
            yield return new("the role repartition needs topics to read and one to write; allowed: repartition.from and repartition.to", [nameof(Repartition)]);
        }

        if (Roles.Contains(Role.Train) && !Roles.Contains(Role.Forecast) && SamplesTopic.Length == 0)
        {
            yield return new("a process that only trains gets its samples from a topic; allowed: the topic's name", [nameof(SamplesTopic)]);
        }

        for (int i = 0; i < Series.Groups.Count; i++)
        {
            SeriesGroupOptions group = Series.Groups[i];
            if (Series.Groups.Take(i).Any(before => string.Equals(before.Name, group.Name, StringComparison.Ordinal)))
            {
                yield return new($"value \"{group.Name}\" names a group before it too; allowed: a name of its own", [$"series.groups[{i}].name"]);
            }

            foreach (ValidationResult wrong in group.Model is { } own ? own.Over(Learn.Model).Validate(validationContext) : [])
            {
                string key = JsonNamingPolicy.CamelCase.ConvertName(wrong.MemberNames.First());
                yield return new(wrong.ErrorMessage, [$"series.groups[{i}].model.{key}"]);
            }
        }
    }

    /// <summary>What a lane needs of all this.</summary>
    internal LaneSettings ToLane() => new()
    {
        Decode = Decode,
        MaxRecordBytes = Kafka.MaxRecordBytes,
        Align = Align,
        Series = Series,
        Forecast = Forecast,
        Score = Score,
        Cohorts = Cohorts,
        Maintenance = Maintenance,
        Learn = Learn,
        Publish = Publish,
        Messages = Sinks.Kafka.Count > 0,
    };
}
