using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace StreamForecaster.Worker.Live;

/// <summary>
/// Who may ask. With a token every request must carry it: <c>Authorization: Bearer TOKEN</c>, or as the password of
/// <c>Basic</c>, which is what a browser can ask its user for. Without one only requests that name this machine's loopback pass, so that
/// a foreign page whose name was pointed at 127.0.0.1 reads nothing.
/// </summary>
sealed class LiveGuard(string? token)
{
    // Hashes have one length, so that comparing them tells nothing of the token's.
    readonly byte[]? _expected = string.IsNullOrEmpty(token) ? null : SHA256.HashData(Encoding.UTF8.GetBytes(token));

    /// <summary>Lets the request through, or answers it.</summary>
    public Task PassAsync(HttpContext context, RequestDelegate next)
    {
        if (_expected is null)
        {
            return IsLoopbackName(context.Request.Host.Host) ? next(context) : RefuseAsync(context, StatusCodes.Status421MisdirectedRequest, "this server answers to localhost only");
        }

        string? carried = Carried(context.Request.Headers.Authorization.ToString());
        if (carried is not null && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(carried)), _expected))
        {
            return next(context);
        }

        context.Response.Headers.WWWAuthenticate = new(["Bearer", "Basic realm=\"StreamForecaster: any name, the token as password\", charset=\"UTF-8\""]);
        return RefuseAsync(context, StatusCodes.Status401Unauthorized, "a token is needed");
    }

    /// <summary>True for what is answered here. Methods are told apart by case (RFC 9110, 9.1); what serves files does not, and would answer <c>head</c> as
    /// HEAD, which is no answer to the server below it.</summary>
    public static bool IsKnown(string method) => string.Equals(method, HttpMethods.Get, StringComparison.Ordinal) || string.Equals(method, HttpMethods.Head, StringComparison.Ordinal);

    /// <summary>Answers that the method is not.</summary>
    public static Task RefuseMethodAsync(HttpContext context)
    {
        context.Response.Headers.Allow = "GET, HEAD";
        return RefuseAsync(context, StatusCodes.Status405MethodNotAllowed, "only GET and HEAD");
    }

    static string? Carried(string authorization)
    {
        if (authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return authorization["Bearer ".Length..].Trim();
        }

        Span<byte> pair = stackalloc byte[1024];
        if (!authorization.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase)
            || !Convert.TryFromBase64String(authorization["Basic ".Length..].Trim(), pair, out int written))
        {
            return null;
        }

        int colon = pair[..written].IndexOf((byte)':');
        return colon < 0 ? null : Encoding.UTF8.GetString(pair[(colon + 1)..written]);
    }

    static bool IsLoopbackName(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (System.Net.IPAddress.TryParse(host.Trim('[', ']'), out System.Net.IPAddress? address) && System.Net.IPAddress.IsLoopback(address));

    static Task RefuseAsync(HttpContext context, int status, string why)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(why + "\n", context.RequestAborted);
    }
}
