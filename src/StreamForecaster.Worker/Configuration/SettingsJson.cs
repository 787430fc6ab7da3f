using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace StreamForecaster.Worker.Configuration;

/// <summary>Text as JSON, without escapes for what JSON does not need escaped.</summary>
[JsonSerializable(typeof(string))]
sealed partial class SettingsJson : JsonSerializerContext
{
    /// <summary>The context whose strings stay readable.</summary>
    public static SettingsJson Plain { get; } = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
