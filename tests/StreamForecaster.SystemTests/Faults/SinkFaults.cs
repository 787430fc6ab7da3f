using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace StreamForecaster.SystemTests.Faults;

/// <summary>Everything that a database answers when it is not well, in turn and by chance.</summary>
sealed class SinkFaults(int seed, double share)
{
    readonly Lock _gate = new();
    readonly Random _random = new(seed);
    readonly Dictionary<string, int> _told = new(StringComparer.Ordinal);

    /// <summary>How often each fault was told.</summary>
    internal IReadOnlyDictionary<string, int> Told => _told;

    /// <summary>Answers a share of the requests with a fault; true where it did.</summary>
    internal async Task<bool> AnswerAsync(HttpContext context)
    {
        (string name, Func<HttpContext, Task> answer) = Choose();
        if (name.Length == 0)
        {
            return false;
        }

        await answer(context);
        return true;
    }

    (string Name, Func<HttpContext, Task> Answer) Choose()
    {
        (string Name, Func<HttpContext, Task> Answer)[] all =
        [
            ("401", static context => StatusAsync(context, 401)),
            ("413", static context => StatusAsync(context, 413)),
            ("429 with seconds", static context => StatusAsync(context, 429, "1")),
            ("429 with a date", static context => StatusAsync(context, 429, TimeProvider.System.GetUtcNow().AddSeconds(1).ToString("r", CultureInfo.InvariantCulture))),
            ("500", static context => StatusAsync(context, 500)),
            ("503", static context => StatusAsync(context, 503)),
            ("cut", static context =>
            {
                context.Abort();
                return Task.CompletedTask;
            }),
            ("cut in mid-answer", CutAsync),
            ("time-out", static context => Task.Delay(TimeSpan.FromSeconds(2), context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default)),
        ];
        lock (_gate)
        {
            if (_random.NextDouble() >= share)
            {
                return ("", static _ => Task.CompletedTask);
            }

            var chosen = all[_random.Next(all.Length)];
            _told[chosen.Name] = _told.GetValueOrDefault(chosen.Name) + 1;
            return chosen;
        }
    }

    static Task StatusAsync(HttpContext context, int status, string? retryAfter = null)
    {
        context.Response.StatusCode = status;
        if (retryAfter is not null)
        {
            context.Response.Headers.RetryAfter = retryAfter;
        }

        return context.Response.WriteAsync("not well");
    }

    static async Task CutAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        context.Response.ContentLength = 1000;
        await context.Response.WriteAsync("half of");
        await context.Response.Body.FlushAsync();
        context.Abort();
    }
}
