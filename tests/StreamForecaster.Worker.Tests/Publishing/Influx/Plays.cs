using Microsoft.AspNetCore.Http;

namespace StreamForecaster.Worker.Tests.Publishing.Influx;

/// <summary>The troubles a server can make.</summary>
static class Plays
{
    /// <summary>Answers with a status, unread.</summary>
    public static FakeInflux.Play Answer(int status, string body = "", string? retryAfter = null) => async (context, _) =>
    {
        context.Response.StatusCode = status;
        if (retryAfter is not null)
        {
            context.Response.Headers.RetryAfter = retryAfter;
        }

        await context.Response.WriteAsync(body);
        return true;
    };

    /// <summary>Reads a little of the request and cuts the connection.</summary>
    public static async Task<bool> CutInBody(HttpContext context, FakeInflux server)
    {
        _ = await context.Request.Body.ReadAsync(new byte[16]);
        context.Abort();
        return true;
    }

    /// <summary>Stores everything, then cuts the connection: the sink cannot know.</summary>
    public static async Task<bool> CutAfterWriting(HttpContext context, FakeInflux server)
    {
        (List<string> lines, TimeSpan unit) = await FakeInflux.ReadAsync(context);
        server.Store(lines, unit);
        context.Abort();
        return true;
    }

    /// <summary>Cuts the connection within the answer.</summary>
    public static async Task<bool> CutInAnswer(HttpContext context, FakeInflux server)
    {
        context.Response.StatusCode = 500;
        context.Response.ContentLength = 1000;
        await context.Response.WriteAsync("{\"error\":");
        await context.Response.Body.FlushAsync();
        context.Abort();
        return true;
    }

    /// <summary>Takes its time, then answers as it would have.</summary>
    public static FakeInflux.Play Slow(TimeSpan delay) => async (context, _) =>
    {
        await Task.Delay(delay, context.RequestAborted);
        return false;
    };

    /// <summary>Never answers.</summary>
    public static async Task<bool> Hang(HttpContext context, FakeInflux server)
    {
        TaskCompletionSource gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration aborted = context.RequestAborted.Register(() => gone.TrySetResult());
        await gone.Task;
        return true;
    }
}
