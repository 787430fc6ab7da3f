using System.Globalization;
using System.Net;

namespace StreamForecaster.Worker.Publishing.Influx;

/// <summary>What is to be done after an answer.</summary>
enum InfluxOutcome
{
    /// <summary>All is in.</summary>
    Written,

    /// <summary>Refused for good, wholly or in part: never sent again.</summary>
    Refused,

    /// <summary>Too large: in halves.</summary>
    TooLarge,

    /// <summary>Busy, broken or away: again after a while.</summary>
    Later,

    /// <summary>A person must help (token, bucket, address): kept, alarmed, tried slowly.</summary>
    Alarm,
}

/// <summary>A server's answer, or its absence, as the sink understands it.</summary>
/// <param name="Outcome">What is to be done.</param>
/// <param name="Reason">One line for people, without secrets; empty when written.</param>
/// <param name="RetryAfter">How long the server asked to wait.</param>
/// <param name="Body">The answer's body, as far as it was read.</param>
sealed record InfluxAnswer(InfluxOutcome Outcome, string Reason = "", TimeSpan? RetryAfter = null, string Body = "")
{
    /// <summary>The rule for each status.</summary>
    public static InfluxOutcome OutcomeOf(HttpStatusCode status) => (int)status switch
    {
        >= 200 and < 300 => InfluxOutcome.Written,
        400 or 422 => InfluxOutcome.Refused,
        413 => InfluxOutcome.TooLarge,
        408 or 425 or 429 or >= 500 => InfluxOutcome.Later,
        _ => InfluxOutcome.Alarm,
    };

    /// <summary>The two forms of Retry-After: seconds, or the date when to come again.</summary>
    public static TimeSpan? RetryAfterOf(HttpResponseMessage response, DateTimeOffset now) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date > now => date - now,
        _ => null,
    };

    /// <summary>What a person reads: the status, and the server's own words.</summary>
    public static string Describe(HttpStatusCode status, string message)
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"{(int)status} {status}");
        string advice = status switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => " (check the token and what it may write)",
            HttpStatusCode.NotFound => " (check the address and the name of the bucket or database)",
            _ => "",
        };
        return message.Length == 0 ? text + advice : $"{text}{advice}: {message}";
    }
}
