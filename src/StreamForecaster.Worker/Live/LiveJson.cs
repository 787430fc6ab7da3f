using System.Text.Json.Serialization;

namespace StreamForecaster.Worker.Live;

/// <summary>How the page's records become JSON. What is not a number is written as text, and the page takes it for a gap.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(IReadOnlyList<SeriesSummary>))]
[JsonSerializable(typeof(SeriesDetail))]
[JsonSerializable(typeof(PipelineHealth))]
sealed partial class LiveJson : JsonSerializerContext;
