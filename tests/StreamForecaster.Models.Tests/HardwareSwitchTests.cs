using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Text.RegularExpressions;

namespace StreamForecaster.Models.Tests;

/// <summary>
/// The models stay right on lesser machines: the tests of kernels, parity and streaming run again in child processes with
/// instruction sets switched off, and each child asserts that its switch took effect.
/// </summary>
public sealed partial class HardwareSwitchTests
{
    const string ExpectVariable = "MODELS_TESTS_EXPECT";

    [Theory]
    [InlineData("DOTNET_EnableAVX512", "no Vector512")]
    [InlineData("DOTNET_EnableAVX2", "no Avx2")]
    [InlineData("DOTNET_EnableHWIntrinsic", "no Vector128")]
    public async Task Tests_WithInstructionsSwitchedOff_Pass(string variable, string expected)
    {
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, "StreamForecaster.Models.Tests"))
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
            Environment = { [variable] = "0", [ExpectVariable] = expected },
        };
        start.ArgumentList.Add("-noColor");
        foreach (string tests in (string[])["HardwareExpectationTests", ".RowsTests", ".MatrixProductTests", ".Fast*", ".ParityTests", ".StreamingForecasterTests", ".BatchInvarianceTests", ".WidthTests", ".HeadTests"])
        {
            start.ArgumentList.Add("-class");
            start.ArgumentList.Add("*" + tests);
        }
        using Process child = Process.Start(start)!;
        string output = await child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(child.ExitCode == 0, output);
        Match total = Total().Match(output);
        Assert.True(total.Success && int.Parse(total.Groups["tests"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture) > 150, output);
    }

    [GeneratedRegex(@"Total: (?<tests>\d+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Total();

    /// <summary>What a child process was started to find.</summary>
    public sealed class HardwareExpectationTests
    {
        [Fact]
        public void Process_StartedWithASwitch_SeesItsEffect()
        {
            string? expected = Environment.GetEnvironmentVariable(ExpectVariable);
            Assert.SkipWhen(expected is null, "only in a child process");
            switch (expected)
            {
                case "no Vector512":
                    Assert.False(Vector512.IsHardwareAccelerated || Avx512F.IsSupported);
                    break;
                case "no Avx2":
                    Assert.False(Avx2.IsSupported || Vector256.IsHardwareAccelerated);
                    Assert.True(Vector<float>.Count == 4 || RuntimeInformation.ProcessArchitecture != Architecture.X64);
                    break;
                default:
                    Assert.False(Vector128.IsHardwareAccelerated || Vector.IsHardwareAccelerated);
                    break;
            }
        }
    }
}
