using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace StreamForecaster.Worker.Live;

/// <summary>Where the page listens, read from <c>host:port</c>.</summary>
public static class LiveAddress
{
    /// <summary>Reads <c>127.0.0.1:8080</c>, <c>[::1]:8080</c>, <c>localhost:8080</c>, <c>*:8080</c>.</summary>
    /// <exception cref="FormatException">It is none of these.</exception>
    public static IPEndPoint Parse(string listen) =>
        TryParse(listen, out IPEndPoint? endpoint) ? endpoint : throw new FormatException($"http.listen: {NoAddress(listen)}");

    /// <summary>What is wrong with an address and a token together, or null: nobody else may reach a server without a token.</summary>
    public static string? Trouble(string listen, string? token) =>
        listen.Length == 0 ? null
        : !TryParse(listen, out IPEndPoint? endpoint) ? NoAddress(listen)
        : string.IsNullOrEmpty(token) && !IPAddress.IsLoopback(endpoint.Address)
            ? $"value \"{listen}\" is not safe without a token, as other machines can reach it; allowed: 127.0.0.1 or [::1], or set http.token (STREAMFORECASTER__HTTP__TOKEN) or http.tokenFile"
            : null;

    /// <summary>Whether nobody else listens there now.</summary>
    public static bool IsFree(IPEndPoint endpoint)
    {
        try
        {
            using TcpListener listener = new(endpoint);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    static string NoAddress(string listen) =>
        $"value \"{listen}\" is not an address and port; allowed: such as 127.0.0.1:8080, [::1]:8080, 0.0.0.0:8080";

    static bool TryParse(string listen, [NotNullWhen(true)] out IPEndPoint? endpoint)
    {
        int colon = listen.LastIndexOf(':');
        string host = colon < 0 ? "" : listen[..colon];
        IPAddress? address = host switch
        {
            "localhost" => IPAddress.Loopback,
            "*" => IPAddress.Any,
            _ => IPAddress.TryParse(host, out IPAddress? parsed) ? parsed : null,
        };
        bool read = ushort.TryParse(listen.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) && address is not null;
        endpoint = read ? new(address!, port) : null;
        return read;
    }
}
