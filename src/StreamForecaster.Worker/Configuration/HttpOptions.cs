using System.ComponentModel.DataAnnotations;
using StreamForecaster.Worker.Live;

namespace StreamForecaster.Worker.Configuration;

/// <summary>The page, the JSON API, the health checks and the metrics.</summary>
public sealed record HttpOptions : IValidatableObject
{
    /// <summary>The address to listen on, <c>host:port</c>; port 0 takes a free one, an empty text turns HTTP off. Beyond 127.0.0.1 and [::1] a token is needed.</summary>
    public string Listen { get; init; } = "127.0.0.1:8080";

    /// <summary>The bearer token that every request must carry. Better from the environment or from tokenFile than from here.</summary>
    [Secret]
    [MinLength(8)]
    public string? Token { get; init; }

    /// <summary>A file that holds the token.</summary>
    public string? TokenFile { get; init; }

    /// <summary>Connections at a time; more are refused.</summary>
    [Range(1, 100_000)]
    public int MaxConnections { get; init; } = 256;

    /// <summary>Live listeners (server-sent events) at a time; more are answered 503.</summary>
    [Range(1, 10_000)]
    public int MaxListeners { get; init; } = 64;

    /// <summary>Requests a second that one address may make, averaged over ten seconds; more are answered 429.</summary>
    [Range(1, 1_000_000)]
    public int RequestsPerSecond { get; init; } = 100;

    /// <summary>How often the page's figures are sent.</summary>
    [Range(typeof(TimeSpan), "00:00:00.2", "00:01:00")]
    public TimeSpan RefreshEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (LiveAddress.Trouble(Listen, Token) is { } trouble)
        {
            yield return new(trouble, [nameof(Listen)]);
        }
    }

    /// <summary>Without the token: a record would print all its properties.</summary>
    public override string ToString() => $"http {Listen}";
}
