using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace StreamForecaster.Worker.Tests.Publishing.Influx;

/// <summary>
/// A real HTTP server that stores points as InfluxDB does (same series and time overwrites) and plays whatever answers it is told to,
/// one a request, before it goes on answering 204.
/// </summary>
sealed class FakeInflux : IAsyncDisposable
{
    readonly WebApplication _server;
    readonly ConcurrentQueue<Play> _script = new();
    readonly ConcurrentQueue<FakeRequest> _requests = new();

    FakeInflux(WebApplication server) => _server = server;

    /// <summary>One answer: what to do with the request in hand. True when the request is answered, false to go on to the store.</summary>
    public delegate Task<bool> Play(HttpContext context, FakeInflux server);

    public string Url => _server.Urls.Single();

    /// <summary>Every request that came, in order.</summary>
    public IReadOnlyList<FakeRequest> Requests => [.. _requests];

    /// <summary>Series and time in nanoseconds → fields.</summary>
    public ConcurrentDictionary<string, string> Points { get; } = new(StringComparer.Ordinal);

    /// <summary>While set, every request gets this status.</summary>
    public int? Down { get; set; }

    /// <summary>Requests of more lines than this are answered 413.</summary>
    public int MaxLines { get; set; } = int.MaxValue;

    /// <summary>Answers a body of lines; null: 204 and all is stored.</summary>
    public Func<FakeInflux, IReadOnlyList<string>, TimeSpan, (int Status, string Body)?>? Judge { get; set; }

    public static async Task<FakeInflux> StartAsync(int port = 0)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));
        WebApplication server = builder.Build();
        FakeInflux fake = new(server);
        server.Run(fake.HandleAsync);
        await server.StartAsync();
        return fake;
    }

    /// <summary>Adds answers to the script.</summary>
    public void Plays(params Play[] plays)
    {
        foreach (Play play in plays)
        {
            _script.Enqueue(play);
        }
    }

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    /// <summary>Stores lines as the real one does.</summary>
    public void Store(IEnumerable<string> lines, TimeSpan unit)
    {
        foreach (string line in lines)
        {
            int fields = line.IndexOf(' ', StringComparison.Ordinal);
            int time = line.LastIndexOf(' ');
            long nanoseconds = long.Parse(line.AsSpan(time + 1), CultureInfo.InvariantCulture) * NanosecondsOf(unit);
            Points[string.Create(CultureInfo.InvariantCulture, $"{line[..fields]} {nanoseconds}")] = line[(fields + 1)..time];
        }
    }

    /// <summary>Reads a request's lines and unit.</summary>
    public static async Task<(List<string> Lines, TimeSpan Unit)> ReadAsync(HttpContext context)
    {
        Stream body = context.Request.Body;
        if (context.Request.Headers.ContentEncoding.Contains("gzip"))
        {
            body = new GZipStream(body, CompressionMode.Decompress);
        }

        using StreamReader reader = new(body, Encoding.UTF8);
        string text = await reader.ReadToEndAsync();
        string precision = context.Request.Query["precision"].ToString();
        TimeSpan unit = precision switch
        {
            "s" or "second" => TimeSpan.FromSeconds(1),
            "ms" or "millisecond" => TimeSpan.FromMilliseconds(1),
            "us" or "u" or "microsecond" => TimeSpan.FromMicroseconds(1),
            _ => TimeSpan.Zero,
        };
        return ([.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries)], unit);
    }

    // Ticks are 100 ns; zero stands for nanoseconds.
    static long NanosecondsOf(TimeSpan unit) => unit == TimeSpan.Zero ? 1 : unit.Ticks * 100;

    async Task HandleAsync(HttpContext context)
    {
        if (Down is { } status)
        {
            _requests.Enqueue(FakeRequest.Of(context, []));
            context.Response.StatusCode = status;
            return;
        }

        if (_script.TryDequeue(out Play? play) && await play(context, this))
        {
            _requests.Enqueue(FakeRequest.Of(context, []));
            return;
        }

        (List<string> lines, TimeSpan unit) = await ReadAsync(context);
        _requests.Enqueue(FakeRequest.Of(context, lines));
        if (lines.Count > MaxLines)
        {
            context.Response.StatusCode = 413;
            await context.Response.WriteAsync("{\"error\":\"Request Entity Too Large\"}");
            return;
        }

        if (Judge?.Invoke(this, lines, unit) is { } verdict)
        {
            context.Response.StatusCode = verdict.Status;
            await context.Response.WriteAsync(verdict.Body);
            return;
        }

        Store(lines, unit);
        context.Response.StatusCode = 204;
    }

}

/// <summary>What a request was: its address, its authorisation and its lines (none where it was cut or answered unread).</summary>
sealed record FakeRequest(string Path, string Query, string? Authorization, IReadOnlyList<string> Lines)
{
    public static FakeRequest Of(HttpContext context, IReadOnlyList<string> lines) => new(
        context.Request.Path, context.Request.QueryString.ToString(), context.Request.Headers.Authorization, lines);
}
