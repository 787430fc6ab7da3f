using System.Diagnostics;
using System.Globalization;

namespace StreamForecaster.Benchmarks;

/// <summary>The built-in broker, filled, in a process of its own: its memory and its filling are not the daemon's.</summary>
sealed class BrokerProcess : IDisposable
{
    /// <summary>The word that makes this executable such a process.</summary>
    internal const string Word = "broker";

    readonly Process _process;

    BrokerProcess(Process process, string brokers, int records) => (_process, BootstrapServers, Records) = (process, brokers, records);

    /// <summary>The broker's address.</summary>
    internal string BootstrapServers { get; }

    /// <summary>How many records it holds.</summary>
    internal int Records { get; }

    /// <summary>Starts one and waits until it is filled.</summary>
    internal static BrokerProcess Start(int series, int steps)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!, [Word, Text(series), Text(steps)])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
        Process process = Process.Start(start)!;
        string[] answer = (process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("the broker's process said nothing")).Split(' ');
        return new(process, answer[0], int.Parse(answer[1], CultureInfo.InvariantCulture));
    }

    /// <summary>Fills a broker, says where it is, and lives until its input is closed.</summary>
    internal static int Serve(string[] args)
    {
        using MetricTopic topic = new(int.Parse(args[0], CultureInfo.InvariantCulture), int.Parse(args[1], CultureInfo.InvariantCulture));
        Console.WriteLine($"{topic.BootstrapServers} {Text(topic.Records)}");
        Console.ReadLine();
        return 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
