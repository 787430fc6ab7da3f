using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace StreamForecaster.SystemTests.Databases;

/// <summary>A real database of this machine's packages, in a folder of its own on a free port of loopback.</summary>
public abstract class Database : IAsyncLifetime
{
    readonly string _program;
    Process? _process;

    protected Database(string program) => _program = program;

    /// <summary>Why it cannot be used here, or null.</summary>
    public string? Missing { get; private set; }

    /// <summary>Its address.</summary>
    public string Url { get; private set; } = "";

    /// <summary>The folder of its data.</summary>
    protected string Folder { get; } = Directory.CreateTempSubdirectory("streamforecaster-database-").FullName;

    protected HttpClient Http { get; } = new();

    protected int Port { get; private set; }

    public async ValueTask InitializeAsync()
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, _program))))
        {
            Missing = $"{_program} is not installed: ./test.sh installs it where it can.";
            return;
        }

        using (TcpListener free = new(IPAddress.Loopback, 0))
        {
            free.Start();
            Port = ((IPEndPoint)free.LocalEndpoint).Port;
        }

        Url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Port}");
        await StartAsync();
    }

    /// <summary>Starts it, or starts it again on the same data and port.</summary>
    public async Task StartAsync()
    {
        ProcessStartInfo start = new(_program, Arguments()) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        _process = Process.Start(start)!;
        _process.OutputDataReceived += static (_, _) => { };
        _process.ErrorDataReceived += static (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        for (int attempt = 0; attempt < 600; attempt++)
        {
            try
            {
                using HttpResponseMessage ping = await Http.GetAsync(new Uri(Url + "/ping"));
                if (ping.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not up yet.
            }

            await Task.Delay(100);
        }

        throw new InvalidOperationException($"{_program} did not answer on {Url} within 60 s");
    }

    /// <summary>Takes it away, as roughly as it can be without losing what it has answered for.</summary>
    public async Task StopAsync()
    {
        if (_process is { HasExited: false })
        {
            using Process kill = Process.Start("kill", [$"-{StopSignal}", string.Create(CultureInfo.InvariantCulture, $"{_process.Id}")]);
            await kill.WaitForExitAsync();
            await _process.WaitForExitAsync();
        }

        _process?.Dispose();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Http.Dispose();
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Makes a database (or what it has for one) of that name.</summary>
    public abstract Task CreateAsync(string name);

    /// <summary>Counts the points that have a field, per combination of tags, in a database.</summary>
    public abstract Task<IReadOnlyDictionary<string, long>> CountsAsync(string database, string measurement, string field);

    /// <summary>The signal that ends it.</summary>
    protected abstract string StopSignal { get; }

    protected abstract IEnumerable<string> Arguments();
}
