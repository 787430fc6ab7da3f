using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace StreamForecaster.SystemTests.Faults;

/// <summary>A database that speaks InfluxDB's write protocol, writes down every attempt and keeps nothing else.</summary>
sealed class RecordingDatabase : IAsyncDisposable
{
    readonly WebApplication _app;

    RecordingDatabase(WebApplication app) => _app = app;

    /// <summary>What it was sent, answered for or not.</summary>
    internal WrittenLines Lines { get; } = new();

    /// <summary>Its address.</summary>
    internal string Url => _app.Urls.First();

    /// <summary>Answers a request in another way than with success: true where it did.</summary>
    internal Func<HttpContext, Task<bool>>? Fault { get; set; }

    /// <summary>Refuses some lines of requests that <see cref="Fault"/> leaves alone.</summary>
    internal PartialWrites? Partial { get; set; }

    internal static async Task<RecordingDatabase> StartAsync(int port = 0)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.WebHost.ConfigureKestrel(static o => o.Limits.MaxRequestBodySize = null);
        RecordingDatabase database = new(builder.Build());
        database._app.Run(database.WriteAsync);
        await database._app.StartAsync();
        return database;
    }

    /// <summary>Answers 503 to everything from here on, or no longer.</summary>
    internal void Refuse(bool refuse) => Fault = !refuse ? null : static context =>
    {
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return Task.FromResult(true);
    };

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        Lines.Dispose();
    }

    async Task WriteAsync(HttpContext context)
    {
        Assert.Equal($"Token {ForecasterProcess.Secret}", context.Request.Headers.Authorization);
        using MemoryStream body = new();
        await context.Request.Body.CopyToAsync(body);
        Lines.Take(body.GetBuffer().AsSpan(0, (int)body.Length), $"{context.Request.Query["bucket"]}");
        if (Fault is { } fault && await fault(context))
        {
            return;
        }

        if (Partial is { } partial && await partial.AnswerAsync(context, body.GetBuffer().AsMemory(0, (int)body.Length)))
        {
            return;
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
