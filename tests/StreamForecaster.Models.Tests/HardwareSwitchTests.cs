using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace StreamForecaster.Models.Tests;

/// <summary>
/// The models stay right on lesser machines: the tests of kernels, parity and streaming run again in child processes with
/// instruction sets switched off, and each child asserts that its switch took effect.
/// </summary>
public sealed partial class HardwareSwitchTests
{
    const string ExpectVariable = "MODELS_TESTS_EXPECT", BitsVariable = "MODELS_TESTS_BITS";

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
            Environment = { [variable] = "0", [ExpectVariable] = expected, [BitsVariable] = Bits() },
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

    /// <summary>A digest of forecasts and of five steps' weights at the fast engine's sizes.</summary>
    static string Bits()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (int hidden in (int[])[16, 32, 48, 64])
        {
            ModelSpec spec = new() { HiddenSize = hidden, Inputs = 6, Lookback = 12, Horizons = 5 };
            Forecaster model = Cases.Model(spec);
            ModelTraining training = new(model, new TrainingOptions());
            float[] inputs = Cases.Normals(29 * 72, 1), targets = Cases.Normals(29 * 5, 2), output = new float[29 * spec.OutputSize];
            for (int step = 0; step < 5; step++) training.Step(29, inputs, [], targets, []);
            model.Predict(29, inputs, [], output);
            hash.AppendData(MemoryMarshal.AsBytes(output.AsSpan()));
            hash.AppendData(MemoryMarshal.AsBytes(model.Weights.Values));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    [GeneratedRegex(@"Total: (?<tests>\d+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Total();

    /// <summary>What a child process was started to find. Tiles of sixteen lanes do in each lane what tiles of eight do: their bits are the same.</summary>
    public sealed class HardwareExpectationTests
    {
        [Fact]
        public void Bits_WithoutVectorsOfSixteen_AreThoseWithThem()
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable(ExpectVariable) is "no Vector512", "only in that child process");
            Assert.Equal(Environment.GetEnvironmentVariable(BitsVariable), Bits());
        }

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
