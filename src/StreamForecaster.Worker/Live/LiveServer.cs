using System.Net;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StreamForecaster.Worker.Configuration;
using StreamForecaster.Worker.Telemetry;

namespace StreamForecaster.Worker.Live;

/// <summary>The page, its JSON, health checks and metrics, over HTTP on one address.</summary>
public sealed class LiveServer(HttpOptions options, ILiveFeed feed, LiveChecks checks, TimeProvider clock, ILoggerFactory loggers)
    : IHostedService, IAsyncDisposable
{
    const int BurstSeconds = 10;

    readonly CancellationTokenSource _stopping = new();
    WebApplication? _web;
    PrometheusText? _metrics;
    PipelineMetrics? _pipeline;
    Task _broadcasting = Task.CompletedTask;

    /// <summary>Where it listens, once started; null where HTTP is off. With port 0 in the settings this is where the port is told.</summary>
    public Uri? Address { get; private set; }

    /// <summary>Starts to listen.</summary>
    /// <exception cref="InvalidOperationException">The address can be reached from elsewhere and there is no token.</exception>
    /// <exception cref="FormatException">The address is none.</exception>
    /// <exception cref="IOException">The address is taken.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Listen.Length == 0)
        {
            return;
        }

        IPEndPoint endpoint = LiveAddress.Parse(options.Listen);
        if (LiveAddress.Trouble(options.Listen, options.Token) is { } trouble)
        {
            throw new InvalidOperationException($"http.listen: {trouble}");
        }

        if (!LiveAddress.IsFree(endpoint))
        {
            throw new IOException($"http.listen: value \"{options.Listen}\" is not free, or not this machine's; allowed: another port, or port 0 for any");
        }

        _metrics = new(PipelineMetrics.Meters);
        _pipeline = new(feed, clock);
        LiveBroadcast broadcast = new(feed, options.RefreshEvery, options.MaxListeners, clock, loggers.CreateLogger<LiveServer>());
        _web = Build(endpoint);
        Use(_web, new LiveRoutes(feed, broadcast, _metrics, checks, _stopping.Token));
        await _web.StartAsync(cancellationToken);
        string bound = _web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Address = new(bound.Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal).Replace("[::]", "[::1]", StringComparison.Ordinal));
        _broadcasting = broadcast.RunAsync(_stopping.Token);
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _broadcasting.WaitAsync(cancellationToken);
        if (_web is not null)
        {
            await _web.StopAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_web is not null)
        {
            await _web.DisposeAsync();
        }

        _pipeline?.Dispose();
        _metrics?.Dispose();
        _stopping.Dispose();
    }

    WebApplication Build(IPEndPoint endpoint)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new() { ApplicationName = "StreamForecaster.Worker", EnvironmentName = Environments.Production });
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            KestrelServerLimits limits = kestrel.Limits;
            limits.MaxConcurrentConnections = options.MaxConnections;
            // Nothing here takes a body.
            limits.MaxRequestBodySize = 1024;
            limits.MaxRequestHeaderCount = 64;
            limits.MaxRequestHeadersTotalSize = 16 * 1024;
            limits.MaxRequestLineSize = 8 * 1024;
            limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Listen(endpoint, listen => listen.Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddSingleton(loggers);
        builder.Services.AddRoutingCore();
        builder.Services.AddRateLimiter(limiter =>
        {
            limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, IPAddress>(context =>
                RateLimitPartition.GetTokenBucketLimiter(context.Connection.RemoteIpAddress ?? IPAddress.None, _ => new()
                {
                    TokenLimit = options.RequestsPerSecond * BurstSeconds,
                    TokensPerPeriod = options.RequestsPerSecond,
                    ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                    QueueLimit = 0,
                }));
        });
        return builder.Build();
    }

    void Use(WebApplication web, LiveRoutes routes)
    {
        LiveGuard guard = new(options.Token);
        web.Use(static (context, next) =>
        {
            IHeaderDictionary headers = context.Response.Headers;
            headers.ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
                + "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "no-referrer";
            headers["Cross-Origin-Resource-Policy"] = "same-origin";
            headers.CacheControl = "no-cache";
            return next(context);
        });
        web.UseRateLimiter();
        web.Use(next => context => guard.PassAsync(context, next));
        web.Use(static next => context => LiveGuard.IsKnown(context.Request.Method) ? next(context) : LiveGuard.RefuseMethodAsync(context));
        string files = Path.Combine(AppContext.BaseDirectory, "wwwroot");
        if (Directory.Exists(files))
        {
            web.UseFileServer(new FileServerOptions { FileProvider = new PhysicalFileProvider(files) });
        }

        web.UseRouting();
        routes.Map(web);
    }
}
