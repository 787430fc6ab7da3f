using System.Net;
using System.Net.Sockets;

namespace StreamForecaster.SystemTests;

/// <summary>A port for a process that has to be told one.</summary>
static class FreePort
{
    /// <summary>A port of loopback that nobody listens on now.</summary>
    internal static int Find()
    {
        using TcpListener free = new(IPAddress.Loopback, 0);
        free.Start();
        return ((IPEndPoint)free.LocalEndpoint).Port;
    }
}
