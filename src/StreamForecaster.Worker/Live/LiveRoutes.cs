using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using StreamForecaster.Worker.Telemetry;

namespace StreamForecaster.Worker.Live;

/// <summary>What is answered at which path.</summary>
sealed class LiveRoutes(ILiveFeed feed, LiveBroadcast broadcast, PrometheusText metrics, LiveChecks checks, CancellationToken stopping)
{
    const int RowsMost = 1000;
    const string SeriesPath = "/api/series/";

    /// <summary>Maps everything but the page's files.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/series", ListAsync);
        routes.MapGet(SeriesPath + "{**series}", (Delegate)ShowAsync);
        routes.MapGet("/api/health", () => TypedResults.Json(feed.Health(), LiveJson.Default.PipelineHealth));
        routes.MapGet("/events", EventsAsync);
        routes.MapGet("/healthz/live", () => Check(checks.Alive()));
        routes.MapGet("/healthz/ready", () => Check(checks.Ready()));
        routes.MapGet("/metrics", () => TypedResults.Text(metrics.Write(), PrometheusText.ContentType));
    }

    async Task<IResult> ListAsync(string? filter, int? limit, CancellationToken stop) =>
        TypedResults.Json(await feed.ListAsync(filter, Rows(limit), stop), LiveJson.Default.IReadOnlyListSeriesSummary);

    // Taken from the request's own line: routing would leave an escaped slash escaped.
    async Task<IResult> ShowAsync(HttpContext context)
    {
        string target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?')[0];
        int start = target.IndexOf(SeriesPath, StringComparison.Ordinal);
        string series = start < 0 ? "" : Uri.UnescapeDataString(target[(start + SeriesPath.Length)..]);
        SeriesDetail? detail = await feed.ShowAsync(series, context.RequestAborted);
        return detail is null
            ? TypedResults.Text("no such series\n", statusCode: StatusCodes.Status404NotFound)
            : TypedResults.Json(detail, LiveJson.Default.SeriesDetail);
    }

    async Task EventsAsync(HttpContext context, string? filter, int? limit, string? series)
    {
        LiveListener listener = new(filter, Rows(limit), series);
        if (!broadcast.TryJoin(listener))
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = "10";
            return;
        }

        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        try
        {
            context.Response.ContentType = "text/event-stream; charset=utf-8";
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            await context.Response.WriteAsync("retry: 2000\n\n", either.Token);
            await foreach (ReadOnlyMemory<byte> frame in listener.Frames.ReadAllAsync(either.Token))
            {
                await context.Response.Body.WriteAsync(frame, either.Token);
                await context.Response.Body.FlushAsync(either.Token);
            }
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            // The browser left, or the daemon stops: nothing more to say.
            return;
        }
        finally
        {
            broadcast.Leave(listener);
        }
    }

    static int Rows(int? limit) => Math.Clamp(limit ?? 200, 1, RowsMost);

    static ContentHttpResult Check(IReadOnlyList<string> troubles) =>
        troubles.Count == 0
            ? TypedResults.Text("ok\n")
            : TypedResults.Text(string.Join('\n', troubles) + "\n", statusCode: StatusCodes.Status503ServiceUnavailable);
}
