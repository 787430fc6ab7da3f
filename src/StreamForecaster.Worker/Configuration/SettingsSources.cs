using System.Collections;
using System.Text.Json;

namespace StreamForecaster.Worker.Configuration;

/// <summary>Reads what settings are written in: JSON with comments, and variables of the environment laid over it.</summary>
static class SettingsSources
{
    /// <summary>Variables that set something begin with this; <c>__</c> parts the keys.</summary>
    public const string Prefix = "STREAMFORECASTER__";

    static readonly JsonDocumentOptions Json = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <summary>Reads JSON; what is wrong goes to <paramref name="errors"/>, and an empty object comes back.</summary>
    public static SettingsNode Parse(ReadOnlyMemory<byte> json, string name, List<string> errors)
    {
        ReadOnlyMemory<byte> bare = json.Span.StartsWith("\uFEFF"u8) ? json[3..] : json;
        try
        {
            using JsonDocument document = JsonDocument.Parse(bare, Json);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return Read(document.RootElement, "", errors);
            }

            errors.Add($"{name}: the settings are not an object; allowed: {{ \"section\": {{ \"key\": value }} }}");
        }
        catch (JsonException wrong)
        {
            errors.Add($"{name}: line {wrong.LineNumber + 1}, byte {wrong.BytePositionInLine + 1} is not JSON; allowed: JSON with comments and trailing commas");
        }

        return SettingsNode.Object();
    }

    /// <summary>Lays the variables that begin with <see cref="Prefix"/> over the tree, in the order of their names.</summary>
    public static void Overlay(SettingsNode root, IDictionary environment)
    {
        IEnumerable<string> names = environment.Keys.Cast<string>()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal) && name.Length > Prefix.Length)
            .Order(StringComparer.Ordinal);
        foreach (string name in names)
        {
            string[] way = name[Prefix.Length..].Split("__");
            root.Set(way, (string?)environment[name] ?? "", name);
        }
    }

    static SettingsNode Read(JsonElement element, string path, List<string> errors)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                SettingsNode keys = SettingsNode.Object();
                foreach (JsonProperty property in element.EnumerateObject())
                {
                    string at = path.Length == 0 ? property.Name : $"{path}.{property.Name}";
                    if (!keys.Keys!.TryAdd(property.Name, Read(property.Value, at, errors)))
                    {
                        errors.Add($"{at}: key \"{property.Name}\" is not unique; allowed: each key once");
                    }
                }

                return keys;
            case JsonValueKind.Array:
                SettingsNode list = SettingsNode.List();
                foreach (JsonElement entry in element.EnumerateArray())
                {
                    int index = list.Entries!.Count;
                    list.Entries.Add(index, Read(entry, $"{path}[{index}]", errors));
                }

                return list;
            case JsonValueKind.String:
                return SettingsNode.Value(SettingsValueKind.Text, element.GetString());
            case JsonValueKind.Number:
                return SettingsNode.Value(SettingsValueKind.Number, element.GetRawText());
            case JsonValueKind.True or JsonValueKind.False:
                return SettingsNode.Value(SettingsValueKind.Boolean, element.GetRawText());
            default:
                return SettingsNode.Value(SettingsValueKind.Null, null);
        }
    }
}
