using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using StreamForecaster.Models;
using StreamForecaster.Windowing;
using StreamForecaster.Worker.Commands;

namespace StreamForecaster.Worker.Tests.Commands;

public sealed class TrainCommandTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("train").FullName;

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public void Train_OnWaves_BeatsTheLastValueAndIsExplained()
    {
        string config = Config("""{ "learn": { "model": { "hiddenSize": 8, "lookback": 24, "horizons": 4 } } }""");
        (int code, string output, _) = Train("--data", Csv("a", 600, 0), Csv("b", 500, 3), "--out", Out("m"), "--config", config, "--steps", "120", "--batch-size", "16", "--json");

        Assert.Equal(0, code);
        using JsonDocument told = JsonDocument.Parse(output);
        double loss = told.RootElement.GetProperty("held_back_loss").GetDouble();
        Assert.InRange(loss, 0, 0.6 * told.RootElement.GetProperty("last_value_loss").GetDouble());
        Assert.InRange(told.RootElement.GetProperty("best_step").GetInt32(), 1, 120);

        (code, output, _) = Explain("--model", Out("m"), "--data", Csv("a", 600, 0), "--series", "one", "--at", "1970-01-05T10:30:00Z", "--json");
        Assert.Equal(0, code);
        using JsonDocument explained = JsonDocument.Parse(output);
        Assert.Equal(106, explained.RootElement.GetProperty("row").GetInt32());
        Assert.Equal(4, explained.RootElement.GetProperty("forecast").GetArrayLength());
        JsonElement[] attention = [.. explained.RootElement.GetProperty("attention").EnumerateArray()];
        Assert.Equal(24, attention.Length);
        Assert.Equal(1, attention.Sum(step => step.GetProperty("weight").GetDouble()), 4);
        Assert.Equal(0, attention[^1].GetProperty("back").GetInt32());
        JsonElement first = explained.RootElement.GetProperty("forecast")[0];
        Assert.True(first.GetProperty("0.05").GetDouble() <= first.GetProperty("0.5").GetDouble());

        (code, output, _) = Explain("--model", Out("m"), "--data", Csv("a", 600, 0), "--at", "106");
        Assert.Equal(0, code);
        Assert.StartsWith("one at 1970-01-05T10:00:00Z (row 106): ", output, StringComparison.Ordinal);
        Assert.Contains("it looked most at, of 24 steps:", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_SameSeed_GivesTheSameFile()
    {
        string config = Config("""{ "learn": { "model": { "hiddenSize": 4, "lookback": 16, "horizons": 2 } } }""");
        string data = Csv("a", 200, 0);
        foreach (string name in new[] { "x", "y" })
        {
            Assert.Equal(0, Train("--data", data, "--out", Out(name), "--config", config, "--steps", "10", "--seed", "7").Code);
        }

        Assert.Equal(File.ReadAllBytes(Out("x")), File.ReadAllBytes(Out("y")));
    }

    [Fact]
    public void Train_FromAnotherWithItsEncoderFrozen_KeepsThoseWeightsBitForBit()
    {
        string config = Config("""{ "learn": { "model": { "hiddenSize": 6, "lookback": 16, "horizons": 3, "head": "decoder" } } }""");
        string other = Config("""{ "learn": { "model": { "hiddenSize": 6, "lookback": 20, "horizons": 5 } } }""");
        string data = Csv("a", 300, 0);
        Assert.Equal(0, Train("--data", data, "--out", Out("first"), "--config", config, "--steps", "20").Code);
        (int code, string said, _) = Train("--data", data, "--out", Out("second"), "--from", Out("first"), "--freeze", "encoder", "--steps", "20");
        Assert.Equal(0, code);
        Assert.Contains("from all of", said, StringComparison.Ordinal);
        (code, said, _) = Train("--data", data, "--out", Out("third"), "--from", Out("first"), "--freeze", "encoder", "--config", other, "--steps", "20");
        Assert.Equal(0, code);
        Assert.Contains("from the encoder of", said, StringComparison.Ordinal);

        Forecaster first = Load("first"), second = Load("second"), third = Load("third");
        Assert.Equal(HeadKind.Decoder, second.Spec.Head);
        Assert.Equal((HeadKind.Direct, 5), (third.Spec.Head, third.Spec.Horizons));
        foreach (string name in new[] { "encoder.weight_ih_l0", "encoder.weight_hh_l0", "encoder.bias_ih_l0", "encoder.bias_hh_l0" })
        {
            Assert.Equal(first.Weights[name].ToArray(), second.Weights[name].ToArray());
            Assert.Equal(first.Weights[name].ToArray(), third.Weights[name].ToArray());
        }

        Assert.NotEqual(first.Weights["head.weight"].ToArray(), second.Weights["head.weight"].ToArray());
    }

    [Fact]
    public void Train_WhatCannotBe_IsOneLine()
    {
        string data = Csv("a", 200, 0);
        File.WriteAllText(Path.Combine(_folder, "bad.safetensors"), "not a model");
        Assert.Equal((2, "steps: value 0 is not in range; allowed: 1 to 10000000"), Wrong("--data", data, "--out", Out("m"), "--steps", "0"));
        Assert.Equal(
            (1, "the data gives 0 samples to train on and 0 held back: it wants more rows than lookback 64 and horizons 12 on either side"),
            Wrong("--data", Csv("short", 20, 0), "--out", Out("m")));
        Assert.StartsWith("training: 'tail' freezes nothing; tensors are encoder.weight_ih_l0", Wrong("--data", data, "--out", Out("m"), "--freeze", "tail").Line, StringComparison.Ordinal);
        Assert.Equal((1, $"{Path.Combine(_folder, "none")}: there is no such file"), Wrong("--data", data, "--out", Out("m"), "--from", Path.Combine(_folder, "none")));
        Assert.StartsWith($"{Path.Combine(_folder, "bad.safetensors")}: ", Wrong("--data", data, "--out", Out("m"), "--from", Path.Combine(_folder, "bad.safetensors")).Line, StringComparison.Ordinal);
        Assert.Equal((1, "--group x: the settings have no such group; there are cpu, diskio, net"), Wrong("--data", data, "--out", Out("m"), "--group", "x"));
        Assert.False(File.Exists(Out("m")));
    }

    [Fact]
    public void Explain_WhatCannotBe_IsOneLine()
    {
        string data = Csv("a", 200, 0);
        File.WriteAllBytes(Out("m"), ModelFile.Write(Forecaster.Create(new() { Inputs = ModelFeatures.Count, GapInput = ModelFeatures.Gap, HiddenSize = 4, Lookback = 32 }, 1)));
        File.WriteAllBytes(Out("one"), ModelFile.Write(Forecaster.Create(new() { HiddenSize = 4 }, 1)));
        Assert.Equal(
            (1, "--at 200000000: not in the file; allowed: a row from 0 to 199, or a time from 1970-01-01T00:00:00Z to 1970-01-09T07:00:00Z"),
            WrongExplain("--model", Out("m"), "--data", data, "--at", "200000000"));
        Assert.Equal((1, "--series three: no such column; there are one, two"), WrongExplain("--model", Out("m"), "--data", data, "--at", "100", "--series", "three"));
        Assert.Equal((1, "row 10 has 11 values up to it; the model sees 32"), WrongExplain("--model", Out("m"), "--data", data, "--at", "10"));
        Assert.StartsWith("the model takes 1 inputs", WrongExplain("--model", Out("one"), "--data", data, "--at", "100").Line, StringComparison.Ordinal);
    }

    static (int Code, string Line) Wrong(params string[] args) => OneLine(Train(args));

    static (int Code, string Line) WrongExplain(params string[] args) => OneLine(Explain(args));

    static (int Code, string Line) OneLine((int Code, string Output, string Error) run) => (run.Code, Assert.Single(run.Error.TrimEnd().Split('\n')));

    static (int Code, string Output, string Error) Train(params string[] args) => Run(TrainCommand.Create(), args);

    static (int Code, string Output, string Error) Explain(params string[] args) => Run(ExplainCommand.Create(), args);

    static (int Code, string Output, string Error) Run(Command command, string[] args)
    {
        using StringWriter output = new(CultureInfo.InvariantCulture) { NewLine = "\n" };
        using StringWriter error = new(CultureInfo.InvariantCulture) { NewLine = "\n" };
        int code = command.Parse(args).Invoke(new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }

    Forecaster Load(string name) => ModelFile.Read(File.ReadAllBytes(Out(name)));

    string Out(string name) => Path.Combine(_folder, name + ".safetensors");

    string Config(string json)
    {
        string path = Path.Combine(_folder, Guid.NewGuid() + ".json");
        File.WriteAllText(path, json);
        return path;
    }

    string Csv(string name, int rows, int phase)
    {
        string path = Path.Combine(_folder, name + ".csv");
        IEnumerable<string> lines = Enumerable.Range(0, rows).Select(row => string.Create(
            CultureInfo.InvariantCulture, $"{DateTime.UnixEpoch.AddHours(row):yyyy-MM-dd HH:mm:ss},{Math.Sin((row + phase) * 0.5)},{(row % 7 == 0 ? "" : row % 5)}"));
        File.WriteAllLines(path, lines.Prepend("time,one,two"));
        return path;
    }
}
