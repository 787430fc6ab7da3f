using StreamForecaster.Torch;
using StreamForecaster.Worker.Commands;

namespace StreamForecaster.Worker.Tests.Commands;

public sealed class ValidateCommandTests
{
    [Fact]
    public void Validate_EngineThatTheBuildHasNot_IsOneLineAndExitCode2()
    {
        Assert.SkipWhen(TorchBackend.IsBuiltIn, "built with TorchSharp");

        (int exit, string output, string error) = Run("""{ "learn": { "engine": "torchsharp" } }""");

        Assert.Equal((2, ""), (exit, output));
        Assert.Equal(
            "learn.engine torchsharp: this build has no TorchSharp; build with -p:TorchSharp=cpu or -p:TorchSharp=cuda, or set engine to managed\n1 mistake in the settings\n",
            error);
    }

    [Fact]
    public void Validate_GpuThatIsNotThere_IsOneLineAndExitCode2()
    {
        Assert.SkipUnless(TorchBackend.IsBuiltIn, "built without TorchSharp");

        (int exit, _, string error) = Run("""{ "learn": { "engine": "torchsharp", "device": "cuda:63" } }""");

        Assert.Equal(2, exit);
        Assert.StartsWith("learn.engine torchsharp: device cuda:63 is not there: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_UnknownDevice_NamesWhatIsAllowed()
    {
        (int exit, _, string error) = Run("""{ "learn": { "device": "gpu" } }""");

        Assert.Equal(2, exit);
        Assert.StartsWith("learn.device: value \"gpu\" is not of the right form; allowed: auto, cpu, cuda:0 to cuda:63\n", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_GoodSettings_SaysSo() => Assert.Equal(0, Run("""{ "learn": { "engine": "managed", "device": "cuda:1" } }""").Exit);

    static (int Exit, string Output, string Error) Run(string settings)
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("validate").FullName, "settings.json");
        File.WriteAllText(file, settings);
        var output = new StringWriter { NewLine = "\n" };
        var error = new StringWriter { NewLine = "\n" };
        int exit = ValidateCommand.Create().Parse(["--config", file]).Invoke(new() { Output = output, Error = error });
        return (exit, output.ToString(), error.ToString());
    }
}
