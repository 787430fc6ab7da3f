using System.Globalization;
using System.Net;

namespace StreamForecaster.Worker.Live;

/// <summary>Where the page listens, read from <c>host:port</c>.</summary>
public static class LiveAddress
{
    /// <summary>Reads <c>127.0.0.1:8080</c>, <c>[::1]:8080</c>, <c>localhost:8080</c>, <c>*:8080</c>.</summary>
    /// <exception cref="FormatException">It is none of these.</exception>
    public static IPEndPoint Parse(string listen)
    {
        int colon = listen.LastIndexOf(':');
        string host = colon < 0 ? "" : listen[..colon];
        IPAddress? address = host switch
        {
            "localhost" => IPAddress.Loopback,
            "*" => IPAddress.Any,
            _ => IPAddress.TryParse(host, out IPAddress? parsed) ? parsed : null,
        };
        if (address is null || !ushort.TryParse(listen.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
        {
            throw new FormatException($"http.listen: value \"{listen}\" is not an address and port; allowed: such as 127.0.0.1:8080, [::1]:8080, 0.0.0.0:8080");
        }

        return new(address, port);
    }

    /// <summary>Refuses an address that others can reach while there is no token.</summary>
    /// <exception cref="InvalidOperationException">It is one.</exception>
    public static void RequireToken(IPEndPoint endpoint, string? token)
    {
        if (!IPAddress.IsLoopback(endpoint.Address) && string.IsNullOrEmpty(token))
        {
            throw new InvalidOperationException(
                $"http.listen: {endpoint} can be reached from other machines, and there is no token; set http.token (STREAMFORECASTER__HTTP__TOKEN) or http.tokenFile, or listen on 127.0.0.1");
        }
    }
}
