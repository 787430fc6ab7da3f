using StreamForecaster.Worker.Commands;

namespace StreamForecaster.Worker.Tests.Commands;

public sealed class ParseCommandTests
{
    [Fact]
    public void Parse_WithJson_PrintsALinePerPointAndPerError()
    {
        using var file = new TemporaryFile("cpu,host=a usage_idle=97.5,n=3i 1458229140000000000\nbad\n");
        (int exit, string output, string error) = Run(file.Path, "--json");
        Assert.Equal(
            """
            {"name":"cpu","tags":{"host":"a"},"field":"usage_idle","timestamp_ns":1458229140000000000,"value":97.5}
            {"name":"cpu","tags":{"host":"a"},"field":"n","timestamp_ns":1458229140000000000,"value":3}
            {"error":"a line without fields","at":55}

            """,
            output);
        Assert.Equal((1, ""), (exit, error));
    }

    [Fact]
    public void Parse_OfGoodPayload_PrintsPointsAndCounts()
    {
        using var file = new TemporaryFile("""{"fields":{"f":1},"name":"m","tags":{},"timestamp":1458229140}""");
        (int exit, string output, string error) = Run(file.Path, "--format", "telegraf_json");
        Assert.Equal(
            (0, "m.f 1 1458229140000000000\n", "1 points, 0 errors, 0 values that are not numbers\n"),
            (exit, output, error));
    }

    [Fact]
    public void Parse_OfMissingFileOrUnknownFormat_IsOneLineAndExitCode2()
    {
        string missing = Path.Combine(Path.GetTempPath(), "stream-forecaster-no-such-file");
        (int exit, string output, string error) = Run(missing);
        Assert.Equal((2, ""), (exit, output));
        Assert.StartsWith($"'{missing}' cannot be read: ", Assert.Single(error.TrimEnd().Split('\n')), StringComparison.Ordinal);

        (exit, _, error) = Run(missing, "--format", "avro");
        Assert.Equal(2, exit);
        Assert.Equal(
            "--format: 'avro' is not a format; allowed: auto, telegraf-json, line-protocol, prometheus-json, otlp-json, otlp-proto, mapped-json\n",
            error);
    }

    [Fact]
    public void Parse_OfMappedJson_TakesTheMappingFromTheSettings()
    {
        using var file = new TemporaryFile("""{"timestamp":1638360000000,"location":"warehouse_a","temp":22.5}""");
        using var config = new TemporaryFile(
            """{"decode":{"mapping":{"name":"climate","time":"timestamp","tags":{"site":"location"},"values":{"temp":"temp"}}}}""");
        (int exit, string output, _) = Run(file.Path, "--format", "mapped-json", "--config", config.Path);
        Assert.Equal((0, "climate.temp{site=warehouse_a} 22.5 1638360000000000000\n"), (exit, output));

        (exit, _, string error) = Run(file.Path, "--format", "mapped-json");
        Assert.Equal((2, "decode.mapping is missing: format mapped-json needs the paths of its values\n"), (exit, error));
    }

    static (int Exit, string Output, string Error) Run(params string[] arguments)
    {
        var output = new StringWriter { NewLine = "\n" };
        var error = new StringWriter { NewLine = "\n" };
        int exit = ParseCommand.Create().Parse(arguments).Invoke(new() { Output = output, Error = error });
        return (exit, output.ToString(), error.ToString());
    }

    sealed class TemporaryFile : IDisposable
    {
        public TemporaryFile(string text) => File.WriteAllText(Path, text);

        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);
    }
}
