using System.Collections;
using System.Text;
using StreamForecaster.Worker.Configuration;

namespace StreamForecaster.Worker.Tests.Configuration;

public sealed class DefaultSettingsTests
{
    static string Root => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../.."));

    /// <summary>Written by <c>validate --defaults</c>.</summary>
    [Fact]
    public void DefaultJson_ListsEverySettingWithTheCodesDefault()
    {
        string file = File.ReadAllText(Path.Combine(Root, "configs", "default.json"));
        string code = new SettingsWriter(_ => null).Write(new Settings());

        Assert.Equal(Bare(code), Bare(file));
    }

    [Fact]
    public void DefaultJson_Loaded_GivesTheDefaults()
    {
        Settings loaded = SettingsLoader.Load(Path.Combine(Root, "configs", "default.json"), new Hashtable());

        string text = new SettingsWriter(_ => null).Write(loaded);
        Assert.Equal(new SettingsWriter(_ => null).Write(new Settings()), text);
    }

    [Fact]
    public void EverySettingsFile_Loads()
    {
        foreach (string file in Directory.EnumerateFiles(Path.Combine(Root, "configs"), "*.json"))
        {
            Hashtable token = new() { ["STREAMFORECASTER__HTTP__TOKEN"] = "0123456789abcdef" };
            Assert.NotNull(SettingsLoader.Load(file, token));
        }
    }

    [Fact]
    public void Load_AddressForAllWithoutToken_IsRefusedWithTheRest()
    {
        Hashtable environment = new() { ["STREAMFORECASTER__HTTP__LISTEN"] = "0.0.0.0:8080", ["STREAMFORECASTER__PUBLISH__EVERY"] = "0" };

        SettingsException wrong = Assert.Throws<SettingsException>(() => SettingsLoader.Load(null, environment));

        Assert.Equal(2, wrong.Errors.Count);
        Assert.Contains(wrong.Errors, error => error.StartsWith("http.listen: value \"0.0.0.0:8080\" is not safe without a token", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null, "decode.mapping: is missing: format mapped-json needs the paths of its values")]
    [InlineData("a.b", "decode.mapping: the path 'a.b' is given twice")]
    public void Load_MappingThatCannotBeUsed_IsRefused(string? path, string line)
    {
        Hashtable environment = new() { ["STREAMFORECASTER__DECODE__FORMAT"] = "mapped-json" };
        if (path is not null)
        {
            environment["STREAMFORECASTER__DECODE__MAPPING__VALUES__ONE"] = path;
            environment["STREAMFORECASTER__DECODE__MAPPING__VALUES__OTHER"] = path;
        }

        SettingsException wrong = Assert.Throws<SettingsException>(() => SettingsLoader.Load(null, environment));

        Assert.StartsWith(line, Assert.Single(wrong.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Writer_Secret_IsMasked()
    {
        SampleOptions settings = new()
        {
            Inner = new() { Token = "s3cret-token" },
            Properties = new Dictionary<string, string>(StringComparer.Ordinal) { ["sasl.password"] = "hush", ["acks"] = "all" },
        };

        string text = new SettingsWriter(_ => null).Write(settings);

        Assert.DoesNotContain("s3cret", text, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", text, StringComparison.Ordinal);
        Assert.Contains("\"acks\": \"all\"", text, StringComparison.Ordinal);
    }

    // Every setting as it stands, without prose: an example entry of a list is commented out, but keeps its keys.
    static string Bare(string text)
    {
        StringBuilder bare = new();
        foreach (string line in text.Split('\n'))
        {
            string trimmed = line.Trim();
            bool example = trimmed.StartsWith("//", StringComparison.Ordinal) && trimmed[2..].TrimStart() is ['"' or '{' or '}' or ']', ..];
            if (trimmed.Length > 0 && (example || !trimmed.StartsWith("//", StringComparison.Ordinal)))
            {
                bare.Append(trimmed).Append('\n');
            }
        }

        return bare.ToString();
    }
}
