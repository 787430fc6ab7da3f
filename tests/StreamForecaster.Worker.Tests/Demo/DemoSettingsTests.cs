using System.Collections;
using System.Text.Json.Nodes;
using StreamForecaster.Worker.Configuration;
using StreamForecaster.Worker.Demo;

namespace StreamForecaster.Worker.Tests.Demo;

/// <summary>The demo shows production's pipeline: its file and its start change addresses, folders and the step, nothing else.</summary>
public sealed class DemoSettingsTests
{
    static string Root => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../.."));

    [Fact]
    public void DemoJson_ChangesTheStepAlone() => Assert.Equal(["align.step"], Differences(new Settings(), Demo()));

    [Fact]
    public void On_ABroker_ChangesAddressesAndFoldersAlone()
    {
        string folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        Settings settings = Demo();
        settings = settings with { Http = settings.Http with { Listen = "" } };

        Settings started = DemoSettings.On(settings, "127.0.0.1:1", folder);

        Assert.Equal(
            ["kafka.bootstrapServers", "sinks.deadLetters.directory", "sinks.files", "state.directory"], Differences(settings, started));
    }

    static Settings Demo() => SettingsLoader.Load(Path.Combine(Root, "configs", "demo.json"), new Hashtable());

    static string[] Differences(Settings one, Settings other)
    {
        SortedSet<string> paths = new(StringComparer.Ordinal);
        Compare(Tree(one), Tree(other), "", paths);
        return [.. paths];
    }

    static JsonNode? Tree(Settings settings) => JsonNode.Parse(
        new SettingsWriter(static _ => null).Write(settings),
        documentOptions: new() { CommentHandling = System.Text.Json.JsonCommentHandling.Skip, AllowTrailingCommas = true });

    static void Compare(JsonNode? one, JsonNode? other, string path, SortedSet<string> differences)
    {
        if (one is JsonObject left && other is JsonObject right)
        {
            foreach (string key in left.Select(static pair => pair.Key).Union(right.Select(static pair => pair.Key), StringComparer.Ordinal))
            {
                Compare(left[key], right[key], path.Length == 0 ? key : $"{path}.{key}", differences);
            }
        }
        else if (!JsonNode.DeepEquals(one, other))
        {
            differences.Add(path);
        }
    }
}
