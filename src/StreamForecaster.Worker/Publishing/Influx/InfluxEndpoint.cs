using System.Net.Http.Headers;
using System.Text;

namespace StreamForecaster.Worker.Publishing.Influx;

/// <summary>Makes the requests of one database: address, authorisation, body.</summary>
sealed class InfluxEndpoint
{
    readonly string _address;
    readonly string? _authorization;
    readonly InfluxApi _api;

    public InfluxEndpoint(InfluxOptions options, string token)
    {
        _api = options.Api;
        string root = options.Url.TrimEnd('/');
        string bucket = Uri.EscapeDataString(options.Bucket);
        _address = options.Api switch
        {
            InfluxApi.V1 when options.RetentionPolicy.Length > 0 =>
                $"{root}/write?db={bucket}&rp={Uri.EscapeDataString(options.RetentionPolicy)}&precision=",
            InfluxApi.V1 => $"{root}/write?db={bucket}&precision=",
            InfluxApi.V3 => $"{root}/api/v3/write_lp?db={bucket}&accept_partial=true&precision=",
            _ => $"{root}/api/v2/write?org={Uri.EscapeDataString(options.Org)}&bucket={bucket}&precision=",
        };
        _authorization = (options.Api, options.User.Length, token.Length) switch
        {
            (InfluxApi.V1, > 0, _) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{options.User}:{token}")),
            (_, _, 0) => null,
            (InfluxApi.V3, _, _) => "Bearer " + token,
            _ => "Token " + token,
        };
    }

    /// <summary>A write request. The body is not copied: it stays as it is until the answer is there.</summary>
    public HttpRequestMessage Write(ReadOnlyMemory<byte> body, TimePrecision precision, bool gzip)
    {
        HttpRequestMessage request = new(HttpMethod.Post, _address + Word(precision)) { Content = new ReadOnlyMemoryContent(body) };
        request.Content.Headers.ContentType = new("text/plain") { CharSet = "utf-8" };
        if (gzip)
        {
            request.Content.Headers.ContentEncoding.Add("gzip");
        }

        if (_authorization is not null)
        {
            // Without validation: an exception of it would repeat the value.
            request.Headers.TryAddWithoutValidation("Authorization", _authorization);
        }

        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("StreamForecaster", "1.0"));
        return request;
    }

    string Word(TimePrecision precision) => (precision, _api) switch
    {
        (TimePrecision.Seconds, InfluxApi.V3) => "second",
        (TimePrecision.Milliseconds, InfluxApi.V3) => "millisecond",
        (TimePrecision.Microseconds, InfluxApi.V3) => "microsecond",
        (_, InfluxApi.V3) => "nanosecond",
        (TimePrecision.Seconds, _) => "s",
        (TimePrecision.Milliseconds, _) => "ms",
        (TimePrecision.Microseconds, InfluxApi.V1) => "u",
        (TimePrecision.Microseconds, _) => "us",
        (_, InfluxApi.V1) => "n",
        _ => "ns",
    };
}
