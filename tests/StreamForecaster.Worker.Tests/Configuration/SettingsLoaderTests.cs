using System.Collections;
using StreamForecaster.Worker.Configuration;

namespace StreamForecaster.Worker.Tests.Configuration;

public sealed class SettingsLoaderTests : IDisposable
{
    readonly string _file = Path.Combine(Path.GetTempPath(), $"settings-{Guid.NewGuid():N}.json");

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void Load_NothingSet_GivesDefaults()
    {
        SampleOptions settings = Load("{}");

        Assert.Equal(3, settings.Count);
        Assert.Equal(7, settings.Inner.Depth);
    }

    [Fact]
    public void Load_EveryKindOfValue_IsRead()
    {
        SampleOptions settings = Load("""
            {
              // A comment, and a trailing comma.
              "count": 8, "share": 1, "on": false, "name": "other", "maybe": "yes", "wait": "1.5h", "limit": "250ms",
              "delivery": "exactly-once", "numbers": [4], "properties": { "security.protocol": "ssl" },
              "inner": { "floor": 2 }, "many": [{ "depth": 5 }, {}],
            }
            """);

        Assert.Equal((8, 1.0, false, "other", "yes"), (settings.Count, settings.Share, settings.On, settings.Name, settings.Maybe));
        Assert.Equal(TimeSpan.FromMinutes(90), settings.Wait);
        Assert.Equal(TimeSpan.FromMilliseconds(250), settings.Limit);
        Assert.Equal(DeliveryChoice.ExactlyOnce, settings.Delivery);
        Assert.Equal([4], settings.Numbers);
        Assert.Equal("ssl", settings.Properties["security.protocol"]);
        Assert.Equal((7, 2), (settings.Inner.Depth, settings.Inner.Floor));
        Assert.Equal([5, 1], settings.Many.Select(one => one.Depth));
    }

    [Fact]
    public void Load_ManyMistakes_AreAllReportedAtOnce()
    {
        string[] errors = Errors("""
            { "cuont": 1, "share": 2, "on": "yes", "wait": "10", "delivery": "twice", "numbers": [0, 3], "inner": { "floor": 9, "x": 1 },
              "many": [{ "depth": 1.5 }], "name": null, "limit": "500" }
            """);

        Assert.Equal(
        [
            "cuont: key \"cuont\" is not known; allowed: count, share, on, name, maybe, wait, limit, delivery, numbers, properties, inner, many",
            "delivery: value \"twice\" is not one of the choices; allowed: at-least-once, exactly-once",
            "inner.floor: value 9 is not at or above depth; allowed: at most 7",
            "inner.x: key \"x\" is not known; allowed: depth, floor, token, tokenFile",
            "limit: value \"500\" is not a duration; allowed: a number with ms, s, m, h or d, such as \"30s\"",
            "many[0].depth: value 1.5 is not a whole number; allowed: whole numbers",
            "name: value null is not text; allowed: text in quotes",
            "numbers[0]: value 0 is not in range; allowed: 1 to 9",
            "on: value \"yes\" is not true or false; allowed: true, false",
            "share: value 2 is not in range; allowed: 0 to 1",
            "wait: value \"10\" is not a duration; allowed: a number with ms, s, m, h or d, such as \"30s\"",
        ], errors.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("{\"wait\": \"500ms\"}", "wait: value \"500ms\" is not in range; allowed: 1s to 1d")]
    [InlineData("{\"count\": 1e30}", "count: value 1e30 is not a whole number; allowed: whole numbers")]
    [InlineData("{\"Count\": 1}", "Count: key \"Count\" is not known; allowed: count, share, on, name, maybe, wait, limit, delivery, numbers, properties, inner, many")]
    [InlineData("{\"count\": 1, \"count\": 2}", "count: key \"count\" is not unique; allowed: each key once")]
    [InlineData("{\"inner\": 4}", "inner: value 4 is not an object; allowed: { \"key\": value }")]
    [InlineData("{\"numbers\": 4}", "numbers: value 4 is not a list; allowed: [ … ]")]
    public void Load_OneMistake_NamesPathValueAndChoices(string json, string expected) =>
        Assert.Equal([expected], Errors(json));

    [Fact]
    public void Load_BrokenJson_NamesTheLine()
    {
        string error = Assert.Single(Errors("{\n  \"count\": }"));

        Assert.Equal($"{_file}: line 2, byte 12 is not JSON; allowed: JSON with comments and trailing commas", error);
    }

    [Fact]
    public void Load_FileThatIsNotThere_IsOneLine()
    {
        SettingsException wrong = Assert.Throws<SettingsException>(() => SettingsLoader.Load<SampleOptions>("/nowhere.json", new Hashtable()));

        Assert.StartsWith("/nowhere.json: this is not a settings file", Assert.Single(wrong.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Load_Environment_LiesOverTheFile()
    {
        SampleOptions settings = Load(
            """{ "count": 1, "many": [{ "depth": 5, "floor": 1 }] }""",
            ("STREAMFORECASTER__COUNT", "12"), ("STREAMFORECASTER__MANY__0__DEPTH", "6"), ("STREAMFORECASTER__MANY__1__DEPTH", "8"),
            ("STREAMFORECASTER__NUMBERS", "3, 4"), ("STREAMFORECASTER__ON", "false"), ("STREAMFORECASTER__MAYBE", ""),
            ("STREAMFORECASTER__PROPERTIES__sasl.mechanism", "PLAIN"), ("UNRELATED", "1"));

        Assert.Equal(12, settings.Count);
        Assert.Equal([(6, 1), (8, 0)], settings.Many.Select(one => (one.Depth, one.Floor)));
        Assert.Equal([3, 4], settings.Numbers);
        Assert.False(settings.On);
        Assert.Null(settings.Maybe);
        Assert.Equal("PLAIN", settings.Properties["sasl.mechanism"]);
    }

    [Fact]
    public void Load_WrongEnvironment_NamesTheVariable()
    {
        string[] errors = Errors("{}", ("STREAMFORECASTER__COUNT", "many"), ("STREAMFORECASTER__SHARE", "7"), ("STREAMFORECASTER__MANY__3__DEPTH", "1"));

        Assert.Equal(
        [
            "count: value \"many\" is not a whole number; allowed: whole numbers (set by STREAMFORECASTER__COUNT)",
            "many: index 3 is not next in the list; allowed: 0 to 0 without a gap",
            "share: value 7 is not in range; allowed: 0 to 1 (set by STREAMFORECASTER__SHARE)",
        ], errors.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Load_SecretFile_IsReadAndTrimmed()
    {
        string secret = _file + ".token";
        File.WriteAllText(secret, "s3cret-token\n");
        try
        {
            SampleOptions settings = Load($$"""{ "many": [{ "tokenFile": "{{secret}}" }] }""");

            Assert.Equal("s3cret-token", settings.Many[0].Token);
        }
        finally
        {
            File.Delete(secret);
        }
    }

    [Fact]
    public void Load_WrongSecret_IsNeverShown()
    {
        string[] errors = Errors("{}", ("STREAMFORECASTER__INNER__TOKEN", "abc"));

        Assert.Equal(["inner.token: value *** is not long enough; allowed: at least 4 long (set by STREAMFORECASTER__INNER__TOKEN)"], errors);
    }

    [Fact]
    public void Load_SecretFileThatIsNotThere_IsOneLine() =>
        Assert.StartsWith("inner.tokenFile: value \"/nowhere\" is not a file with a secret", Assert.Single(Errors("""{ "inner": { "tokenFile": "/nowhere" } }""")), StringComparison.Ordinal);

    [Fact]
    public void Load_NestedDefaults_AreNotSharedBetweenLoads()
    {
        Load("""{ "inner": { "depth": 99 } }""");

        Assert.Equal(7, Load("{}").Inner.Depth);
    }

    SampleOptions Load(string json, params (string Name, string Value)[] environment)
    {
        File.WriteAllText(_file, json);
        return SettingsLoader.Load<SampleOptions>(_file, environment.ToDictionary(one => one.Name, one => one.Value));
    }

    string[] Errors(string json, params (string Name, string Value)[] environment) =>
        [.. Assert.Throws<SettingsException>(() => Load(json, environment)).Errors];
}
