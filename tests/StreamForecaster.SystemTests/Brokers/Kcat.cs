using System.Diagnostics;

namespace StreamForecaster.SystemTests.Brokers;

/// <summary>A Kafka client that is not ours.</summary>
static class Kcat
{
    /// <summary>Runs it against a broker and returns what it printed. Skips the test where it is not installed.</summary>
    public static async Task<string> RunAsync(KafkaBroker broker, string input, params string[] arguments)
    {
        bool there = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "kcat")));
        Assert.SkipUnless(there, "No kcat here: install kcat to run this test.");
        ProcessStartInfo start = new("kcat", ["-b", broker.BootstrapServers, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using Process kcat = Process.Start(start)!;
        await kcat.StandardInput.WriteAsync(input);
        kcat.StandardInput.Close();
        string output = await kcat.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await kcat.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, kcat.ExitCode);
        return output;
    }
}
