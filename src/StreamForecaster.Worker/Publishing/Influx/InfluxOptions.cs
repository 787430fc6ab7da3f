using System.ComponentModel.DataAnnotations;
using StreamForecaster.Worker.Configuration;
using StreamForecaster.Worker.Publishing.Spooling;

namespace StreamForecaster.Worker.Publishing.Influx;

/// <summary>Which write address a database is spoken to at.</summary>
public enum InfluxApi
{
    /// <summary><c>/api/v2/write</c>: InfluxDB 2.x and 3.x, VictoriaMetrics.</summary>
    V2,

    /// <summary><c>/write</c>: InfluxDB 1.x, VictoriaMetrics and whatever else speaks it.</summary>
    V1,

    /// <summary><c>/api/v3/write_lp</c>: InfluxDB 3.x.</summary>
    V3,
}

/// <summary>One InfluxDB, or anything that speaks its write protocol.</summary>
public sealed record InfluxOptions : IValidatableObject
{
    /// <summary>Tells sinks apart in logs and metrics, and names the folder of the spool.</summary>
    [Required]
    [RegularExpression("[A-Za-z0-9_.-]+")]
    public string Name { get; init; } = "default";

    /// <summary>Scheme, host, port and, behind a proxy, path; without user and password.</summary>
    [Required]
    public string Url { get; init; } = "";

    /// <summary>The write address.</summary>
    public InfluxApi Api { get; init; } = InfluxApi.V2;

    /// <summary>The organisation (v2).</summary>
    public string Org { get; init; } = "";

    /// <summary>The bucket (v2) or the database (v1, v3).</summary>
    [Required]
    public string Bucket { get; init; } = "";

    /// <summary>The retention policy (v1); empty: the database's default.</summary>
    public string RetentionPolicy { get; init; } = "";

    /// <summary>The user (v1); <see cref="Token"/> is then the password.</summary>
    public string User { get; init; } = "";

    /// <summary>The token. Better from <see cref="TokenFile"/> or the environment than from here.</summary>
    [Secret]
    public string? Token { get; init; }

    /// <summary>A file that holds the token.</summary>
    public string? TokenFile { get; init; }

    /// <summary>The environment variable that holds the token where neither of the two is given: the name InfluxDB's own tools use.</summary>
    public string TokenVariable { get; init; } = "INFLUX_TOKEN";

    /// <summary>Lines in one request: what InfluxDB's documentation calls optimal.</summary>
    [Range(1, 1_000_000)]
    public int RequestLines { get; init; } = 5000;

    /// <summary>Bytes in one request before compression, below every version's limit (InfluxDB 1.x: 25 MB).</summary>
    [Range(1024, 64 << 20)]
    public int RequestBytes { get; init; } = 4 << 20;

    /// <summary>Requests at once, at most, where more waits than one holds: after an outage.</summary>
    [Range(1, 64)]
    public int Requests { get; init; } = 4;

    /// <summary>How long a request that is not full waits for more lines.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan Linger { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Compress requests.</summary>
    public bool Gzip { get; init; } = true;

    /// <summary>How long one attempt may take.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The first delay after a failure; it doubles, with jitter, up to <see cref="MaxDelay"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:10:00")]
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest delay of ours; a server's Retry-After may ask for more, up to 15 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "01:00:00")]
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The delay where only a person can help: token refused (401, 403), bucket missing (404).</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "01:00:00")]
    public TimeSpan AlarmDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Bytes in memory from which on the partitions pause; half of it is where the spool begins.</summary>
    [Range(4096, 1L << 40)]
    public long QueueBytes { get; init; } = 64L << 20;

    /// <summary>Where results wait on disk while the database is away.</summary>
    [Required]
    public SpoolOptions Spool { get; init; } = new();

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Url.Length > 0
            && (!Uri.TryCreate(Url, UriKind.Absolute, out Uri? url)
                || url.Scheme is not ("http" or "https")
                || url.UserInfo.Length > 0
                || url.Query.Length > 0))
        {
            yield return new("the address is not right; allowed: http://HOST:PORT or https://HOST:PORT, without user, password or query", [nameof(Url)]);
        }
    }

    /// <summary>Without the token: a record would print all its properties.</summary>
    public override string ToString() => $"influx:{Name} ({Api}, {Url}, {Bucket})";
}
