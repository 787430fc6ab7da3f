using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Tracing;
using System.Globalization;
using Microsoft.Diagnostics.NETCore.Client;
using StreamForecaster.Worker.Configuration;

namespace StreamForecaster.SystemTests.Faults;

/// <summary>The real executable, <c>run --config</c>, as a child that may be killed at any moment.</summary>
sealed class ForecasterProcess : IDisposable
{
    readonly Process _process;
    readonly ConcurrentQueue<string> _log = new();
    readonly string _address;
    int _owns;

    /// <summary>The token for the database: nothing that it says may hold it.</summary>
    internal const string Secret = "kq7-token-that-nobody-may-read";

    /// <summary>Starts it with settings that are written to a file first. One that is to be asked for collections is open to diagnostics.</summary>
    internal ForecasterProcess(Settings settings, string folder, bool collects = false)
    {
        Directory.CreateDirectory(folder);
        _address = $"http://127.0.0.1:{FreePort.Find()}";
        settings = settings with { Http = new() { Listen = _address["http://".Length..] } };
        string config = Path.Combine(folder, "settings.json");
        File.WriteAllText(config, new SettingsWriter(static _ => null).Write(settings));
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, "StreamForecaster.Worker"), ["run", "--config", config])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        start.Environment["INFLUX_TOKEN"] = Secret;

        // A trace listener or a pipe of ours is no part of what is tested.
        start.Environment["DOTNET_EnableDiagnostics"] = collects ? "1" : "0";
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>What it says of itself now: readiness, lag and lanes, and the end of its log.</summary>
    internal async Task<string> DescribeAsync()
    {
        using HttpClient client = new() { Timeout = TimeSpan.FromSeconds(5) };
        string ready = await AskAsync(client, "/healthz/ready"), metrics = await AskAsync(client, "/metrics");
        IEnumerable<string> lines = metrics.Split('\n').Where(static line => !line.StartsWith('#') && line.StartsWith("streamforecaster", StringComparison.Ordinal));
        return $"{ready}\n{string.Join('\n', lines)}\n{string.Join('\n', _log.TakeLast(40))}";
    }

    /// <summary>What it has logged so far.</summary>
    internal IReadOnlyCollection<string> Log => _log;

    internal int Id => _process.Id;

    /// <summary>Partitions that it has been given.</summary>
    internal int Owns => Volatile.Read(ref _owns);

    /// <summary>Told when it has its first partition.</summary>
    internal Action? FirstPartition { get; set; }

    /// <summary>True where its end is ours.</summary>
    internal bool WasKilled { get; private set; }

    /// <summary>True where it may end by itself, with a reason in its log.</summary>
    internal bool MayEnd
    {
        set => WasKilled = value;
    }

    internal bool HasExited => _process.HasExited;

    /// <summary>Resident memory.</summary>
    internal long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Bytes that it has had written to disks; what goes to sockets and pipes is not among them.</summary>
    internal long WrittenBytes => long.Parse(
        File.ReadLines($"/proc/{_process.Id}/io").First(static line => line.StartsWith("write_bytes: ", StringComparison.Ordinal))["write_bytes: ".Length..],
        CultureInfo.InvariantCulture);

    /// <summary>What it holds now.</summary>
    internal ProcessSample Sample() => new(ResidentBytes, Directory.GetFiles($"/proc/{_process.Id}/fd").Length, Directory.GetDirectories($"/proc/{_process.Id}/task").Length);

    /// <summary>Has it collect its garbage, all generations, and waits for that: beginning a session with this keyword does it.</summary>
    internal async Task CollectAsync()
    {
        const long GCHeapCollect = 0x800000;
        DiagnosticsClient client = new(_process.Id);
        EventPipeProvider runtime = new("Microsoft-Windows-DotNETRuntime", EventLevel.Informational, GCHeapCollect);
        using EventPipeSession session = await client.StartEventPipeSessionAsync([runtime], requestRundown: false);

        // Its events are of no interest, but a session that nobody reads does not end.
        Task read = session.EventStream.CopyToAsync(Stream.Null);
        await session.StopAsync(CancellationToken.None);
        await read;
    }

    /// <summary>SIGKILL, and the wait until it is gone.</summary>
    internal void Kill()
    {
        WasKilled = true;
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>SIGTERM, and the wait for an orderly end.</summary>
    /// <returns>The exit code.</returns>
    internal async Task<int> StopAsync()
    {
        WasKilled = true;
        using Process signal = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await signal.WaitForExitAsync();
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Kill();
        }

        _process.Dispose();
    }

    async Task<string> AskAsync(HttpClient client, string path)
    {
        try
        {
            using HttpResponseMessage answer = await client.GetAsync(new Uri(_address + path));
            return await answer.Content.ReadAsStringAsync();
        }
        catch (Exception none) when (none is HttpRequestException or OperationCanceledException)
        {
            return $"{path}: {none.Message}";
        }
    }

    void Keep(string? line)
    {
        if (line is not null)
        {
            _log.Enqueue(line);
            if (line.Contains(" is ours: ", StringComparison.Ordinal) && Interlocked.Increment(ref _owns) == 1)
            {
                FirstPartition?.Invoke();
            }
        }
    }
}

/// <summary>What a process holds at a moment.</summary>
readonly record struct ProcessSample(long ResidentBytes, int Handles, int Threads);
