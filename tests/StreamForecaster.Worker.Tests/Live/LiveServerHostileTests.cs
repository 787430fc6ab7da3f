using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using StreamForecaster.Worker.Configuration;
using StreamForecaster.Worker.Live;

namespace StreamForecaster.Worker.Tests.Live;

/// <summary>What strangers may send to the port, and what must never come back from it.</summary>
public sealed class LiveServerHostileTests : IAsyncLifetime
{
    const string Token = "0123456789abcdef-secret";
    static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    readonly LiveServer _server = new(
        new() { Listen = "127.0.0.1:0", Token = Token, RequestsPerSecond = 100_000 }, new StillFeed("cpu.idle{host=a}"), new(() => [], () => []),
        TimeProvider.System, NullLoggerFactory.Instance);

    public async ValueTask InitializeAsync() => await _server.StartAsync(Stop);

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(CancellationToken.None);
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("GET /{0} HTTP/1.1\r\nHost: localhost\r\n\r\n", 20_000, " 414 ")]
    [InlineData("GET / HTTP/1.1\r\nHost: localhost\r\nX: {0}\r\n\r\n", 20_000, " 431 ")]
    [InlineData("hEAD /index.html HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + Token + "\r\nConnection: close\r\n\r\n{0}", 0, " 405 ")]
    [InlineData("GET /../../../../etc/passwd{0} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 0, " 401 ")]
    public async Task Request_BeyondALimit_IsRefused(string request, int length, string status)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(request.Replace("{0}", new string('x', length), StringComparison.Ordinal));

        Assert.Contains(status, (await SendAsync(bytes)).Split('\n')[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/..%2f..%2fStreamForecaster.Worker.dll")]
    [InlineData("/%2e%2e/%2e%2e/etc/passwd")]
    [InlineData("/package.json")]
    public async Task File_OutsideThePage_IsNotFound(string path)
    {
        using HttpClient client = Client();

        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(path, Stop)).StatusCode);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/metrics")]
    [InlineData("/api/health")]
    [InlineData("/api/series")]
    [InlineData("/healthz/ready")]
    public async Task Answers_All_NeverHoldTheToken(string path)
    {
        using HttpClient client = Client();
        HttpResponseMessage answer = await client.GetAsync(path, Stop);

        Assert.DoesNotContain(Token, answer + await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public void Options_Printed_DoNotHoldTheToken()
    {
        Settings settings = new() { Http = new() { Token = Token } };

        Assert.DoesNotContain(Token, settings.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Token, new SettingsWriter(_ => null).Write(settings), StringComparison.Ordinal);
    }

    HttpClient Client() => new() { BaseAddress = _server.Address, DefaultRequestHeaders = { Authorization = new("Bearer", Token) } };

    // The server may close in the middle of what it is sent: that is an answer too.
    async Task<string> SendAsync(byte[] request)
    {
        using TcpClient client = new();
        await client.ConnectAsync(IPAddress.Loopback, _server.Address!.Port, Stop);
        NetworkStream stream = client.GetStream();
        try
        {
            await stream.WriteAsync(request, Stop);
            using StreamReader reader = new(stream, Encoding.Latin1);
            return await reader.ReadToEndAsync(Stop).WaitAsync(TimeSpan.FromSeconds(60), Stop);
        }
        catch (IOException)
        {
            return "closed";
        }
    }
}
