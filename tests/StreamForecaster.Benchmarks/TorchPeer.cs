using System.Diagnostics;
using System.Globalization;

namespace StreamForecaster.Benchmarks;

/// <summary>PyTorch as a child process that waits between its rounds; see models_peer.py.</summary>
sealed class TorchPeer : IDisposable
{
    const string Python = "/usr/bin/python3";

    readonly Process _process;

    TorchPeer(Process process) => _process = process;

    /// <summary>Null, and one line that says so, where there is no PyTorch.</summary>
    public static TorchPeer? Start()
    {
        if (!File.Exists(Python) || !CanImport())
        {
            Console.Error.WriteLine("models: no PyTorch at /usr/bin/python3 (apt-get install python3-torch libopenblas0-pthread): the peer's columns stay empty");
            return null;
        }

        ProcessStartInfo start = new(Python) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "models_peer.py"));
        return new TorchPeer(Process.Start(start)!);
    }

    static bool CanImport()
    {
        using Process process = Process.Start(new ProcessStartInfo(Python, ["-c", "import torch"]) { RedirectStandardError = true, UseShellExecute = false })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    /// <summary>Seconds of one call, at best and in the median; null where the peer has no such work.</summary>
    public Timing? Measure(ModelsWork work, int threads, int milliseconds)
    {
        if (work.PeerWord is not { } word)
        {
            return null;
        }

        _process.StandardInput.WriteLine(FormattableString.Invariant($"{word} {work.Hidden} {work.Batch} {threads} {milliseconds}"));
        var answer = _process.StandardOutput.ReadLine()?.Split(' ')
            ?? throw new InvalidOperationException("models: PyTorch ended before it answered");
        return new Timing(double.Parse(answer[0], CultureInfo.InvariantCulture), double.Parse(answer[1], CultureInfo.InvariantCulture));
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}

/// <summary>Seconds of one call.</summary>
readonly record struct Timing(double Best, double Median);
