using System.Collections;
using StreamForecaster.Grouping;
using StreamForecaster.Models;
using StreamForecaster.Worker.Configuration;

namespace StreamForecaster.Worker.Tests.Configuration;

public sealed class ModelSettingsTests
{
    [Fact]
    public void Load_GroupsModel_IsItsOwnSettingsOverTheCommonOnes()
    {
        Settings settings = Load("""
            { "learn": { "model": { "hiddenSize": 24, "attention": "additive" } },
              "series": { "groups": [
                { "name": "cpu", "match": ["cpu.*"], "profile": "lean", "model": { "encoder": "lstm", "head": "refine", "quantiles": [0.1, 0.5, 0.9] } },
                { "name": "disk", "match": ["disk.*"] } ] } }
            """);

        SeriesGroupOptions cpu = settings.Series.Groups[0];
        ModelSpec spec = settings.ToLane().ModelSpec(cpu);
        Assert.Equal((EncoderKind.Lstm, HeadKind.Refine, AttentionKind.Additive, 24), (spec.Encoder, spec.Head, spec.Attention, spec.HiddenSize));
        Assert.Equal([0.1, 0.5, 0.9], spec.Quantiles);
        Assert.Equal(SeriesProfile.Lean, cpu.Profile);
        Assert.Equal(EncoderKind.Gru, settings.ToLane().ModelSpec(settings.Series.Groups[1]).Encoder);
    }

    [Theory]
    [InlineData("\"bidirectional\": true", "bidirectional: value true has no streaming form: it reads the window from its end; allowed: false")]
    [InlineData("\"head\": \"classifier\"", "head: value classifier labels windows and forecasts nothing; allowed: direct, decoder, refine")]
    [InlineData("\"lookback\": 8", "lookback: value 8 is not in range; allowed: 16 to 4096")]
    [InlineData("\"layers\": 9", "layers: Layers is 9; allowed is 1..8")]
    [InlineData("\"attention\": \"multi-head\", \"attentionHeads\": 5", "attentionHeads: AttentionHeads is 5; allowed are divisors of the state's width 32")]
    [InlineData("\"horizons\": 0", "horizons: Horizons is 0; allowed is 1..512")]
    [InlineData("\"quantiles\": [0.1, 0.9]", "quantiles: [0.1, 0.9] has no median in its middle; allowed: an odd number of them with 0.5 in the middle")]
    [InlineData("\"quantiles\": [0.5, 0.9, 0.1]", "quantiles: Quantiles[2] is 0.1; they must ascend")]
    public void Load_ModelThatALaneCannotRun_IsOneLineWithItsPath(string keys, string line)
    {
        string[] common = Mistakes($$"""{ "learn": { "model": { {{keys}} } } }""");
        string[] own = Mistakes($$"""{ "series": { "groups": [ { "name": "a" }, { "name": "b", "model": { {{keys}} } } ] } }""");

        Assert.Contains("learn.model." + line, common);
        Assert.Contains("series.groups[1].model." + line, own);
    }

    [Fact]
    public void Load_UnknownEncoderOfAGroup_NamesWhatIsAllowed() =>
        Assert.Equal(
            "series.groups[0].model.encoder: value \"tcn\" is not one of the choices; allowed: gru, lstm, rnn, rnn-relu",
            Assert.Single(Mistakes("""{ "series": { "groups": [ { "name": "a", "model": { "encoder": "tcn" } } ] } }""")));

    [Fact]
    public void Load_TwoGroupsOfOneName_IsRefused() =>
        Assert.StartsWith(
            "series.groups[1].name: value \"a\" names a group before it too",
            Assert.Single(Mistakes("""{ "series": { "groups": [ { "name": "a" }, { "name": "a" } ] } }""")), StringComparison.Ordinal);

    static Settings Load(string json)
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("settings").FullName, "settings.json");
        File.WriteAllText(file, json);
        return SettingsLoader.Load(file, new Hashtable());
    }

    static string[] Mistakes(string json) => [.. Assert.Throws<SettingsException>(() => Load(json)).Errors];
}
