using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using StreamForecaster.Worker.Configuration;
using StreamForecaster.Worker.Live;

namespace StreamForecaster.Worker.Tests.Live;

public sealed class LiveServerTests
{
    const string Odd = "disk.used{host=a,path=/var/lib%2F x}";
    static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Series_All_AreListedAsJson()
    {
        await using Running running = await Running.StartAsync();

        using JsonDocument rows = JsonDocument.Parse(await running.Client.GetStringAsync("/api/series", Stop));

        Assert.Equal(2, rows.RootElement.GetArrayLength());
        Assert.Equal("cpu.idle{host=a}", rows.RootElement[0].GetProperty("series").GetString());
        Assert.Equal("NaN", rows.RootElement[0].GetProperty("forecast").GetString());
        Assert.Equal(JsonValueKind.Null, rows.RootElement[0].GetProperty("sparkline")[1].ValueKind);
    }

    [Fact]
    public async Task Series_FilterAndLimit_ReachTheFeed()
    {
        await using Running running = await Running.StartAsync();

        using JsonDocument filtered = JsonDocument.Parse(await running.Client.GetStringAsync("/api/series?filter=disk", Stop));
        using JsonDocument limited = JsonDocument.Parse(await running.Client.GetStringAsync("/api/series?limit=-4", Stop));

        Assert.Equal(Odd, Assert.Single(filtered.RootElement.EnumerateArray()).GetProperty("series").GetString());
        Assert.Single(limited.RootElement.EnumerateArray());
    }

    [Fact]
    public async Task Series_OddName_IsFoundByItsEscapedPath()
    {
        await using Running running = await Running.StartAsync();

        using JsonDocument detail = JsonDocument.Parse(await running.Client.GetStringAsync("/api/series/" + Uri.EscapeDataString(Odd), Stop));

        Assert.Equal(Odd, detail.RootElement.GetProperty("series").GetString());
    }

    [Fact]
    public async Task Series_UnknownName_IsNotFound()
    {
        await using Running running = await Running.StartAsync();

        Assert.Equal(HttpStatusCode.NotFound, (await running.Client.GetAsync("/api/series/nothing", Stop)).StatusCode);
    }

    [Fact]
    public async Task Checks_Troubles_AreNamedWith503()
    {
        await using Running running = await Running.StartAsync(ready: ["sink influx:m is full"]);

        HttpResponseMessage ready = await running.Client.GetAsync("/healthz/ready", Stop);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal("sink influx:m is full\n", await ready.Content.ReadAsStringAsync(Stop));
        Assert.Equal("ok\n", await running.Client.GetStringAsync("/healthz/live", Stop));
    }

    [Fact]
    public async Task Metrics_Pipeline_IsWritten()
    {
        await using Running running = await Running.StartAsync();

        HttpResponseMessage metrics = await running.Client.GetAsync("/metrics", Stop);
        string text = await metrics.Content.ReadAsStringAsync(Stop);

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", metrics.Content.Headers.ContentType!.ToString());
        Assert.Contains("# TYPE streamforecaster_points_total counter\nstreamforecaster_points_total 20\n", text, StringComparison.Ordinal);
        Assert.Contains("streamforecaster_lane_lag{lane=\"metrics-0\"} 3\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE dotnet_process_memory_working_set", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_Listener_IsToldHealthListAndItsSeries()
    {
        await using Running running = await Running.StartAsync();

        using StreamReader events = new(await running.Client.GetStreamAsync("/events?filter=disk&series=" + Uri.EscapeDataString(Odd), Stop), Encoding.UTF8);
        List<string> lines = [];
        while (lines.Count(line => line.StartsWith("data: ", StringComparison.Ordinal)) < 6)
        {
            lines.Add((await events.ReadLineAsync(Stop))!);
        }

        Assert.Equal(
            ["retry: 2000", "event: health", "event: list", "event: series", "event: health", "event: list", "event: series"],
            lines.Where(line => line.Length > 0 && !line.StartsWith("data: ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Events_TooManyListeners_AreRefused()
    {
        await using Running running = await Running.StartAsync(options: new() { MaxListeners = 1 });
        await using Stream first = await running.Client.GetStreamAsync("/events", Stop);

        HttpResponseMessage second = await running.Client.GetAsync("/events", HttpCompletionOption.ResponseHeadersRead, Stop);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, second.StatusCode);
    }

    [Fact]
    public async Task Stop_OpenListeners_EndsAtOnce()
    {
        Running running = await Running.StartAsync();
        await using Stream open = await running.Client.GetStreamAsync("/events", Stop);

        await running.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20), Stop);
    }

    [Fact]
    public async Task Everything_Answer_CarriesSecurityHeaders()
    {
        await using Running running = await Running.StartAsync();

        HttpResponseMessage answer = await running.Client.GetAsync("/api/health", Stop);

        Assert.Contains("script-src 'self'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.False(answer.Headers.Contains("Server"));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/api/series")]
    [InlineData("/api/health")]
    [InlineData("/events")]
    [InlineData("/metrics")]
    [InlineData("/healthz/live")]
    [InlineData("/app.js")]
    public async Task Token_Missing_RefusesEverything(string path)
    {
        await using Running running = await Running.StartAsync(options: new() { Token = "0123456789abcdef" });

        HttpResponseMessage answer = await running.Client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, Stop);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Theory]
    [InlineData("Bearer", "0123456789abcdef", HttpStatusCode.OK)]
    [InlineData("Bearer", "0123456789abcdeF", HttpStatusCode.Unauthorized)]
    [InlineData("Bearer", "", HttpStatusCode.Unauthorized)]
    [InlineData("Basic", "b3BzOjAxMjM0NTY3ODlhYmNkZWY=", HttpStatusCode.OK)]
    [InlineData("Basic", "bm90IGEgcGFpcg==", HttpStatusCode.Unauthorized)]
    [InlineData("Basic", "***", HttpStatusCode.Unauthorized)]
    public async Task Token_Carried_IsCompared(string scheme, string parameter, HttpStatusCode expected)
    {
        await using Running running = await Running.StartAsync(options: new() { Token = "0123456789abcdef" });
        running.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(scheme, parameter);

        Assert.Equal(expected, (await running.Client.GetAsync("/api/health", Stop)).StatusCode);
    }

    [Fact]
    public async Task Host_ForeignNameWithoutToken_IsRefused()
    {
        await using Running running = await Running.StartAsync();
        running.Client.DefaultRequestHeaders.Host = "attacker.example";

        Assert.Equal(HttpStatusCode.MisdirectedRequest, (await running.Client.GetAsync("/api/health", Stop)).StatusCode);
    }

    [Fact]
    public async Task Requests_TooMany_AreAnswered429()
    {
        await using Running running = await Running.StartAsync(options: new() { RequestsPerSecond = 1 });
        List<HttpStatusCode> answers = [];
        for (int i = 0; i < 40; i++)
        {
            answers.Add((await running.Client.GetAsync("/healthz/live", Stop)).StatusCode);
        }

        Assert.Contains(HttpStatusCode.TooManyRequests, answers);
        Assert.Equal(HttpStatusCode.OK, answers[0]);
    }

    [Fact]
    public async Task Headers_TooMany_AreRefused()
    {
        await using Running running = await Running.StartAsync();
        using HttpRequestMessage request = new(HttpMethod.Get, "/healthz/live");
        for (int i = 0; i < 100; i++)
        {
            request.Headers.Add($"X-{i}", "x");
        }

        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, (await running.Client.SendAsync(request, Stop)).StatusCode);
    }

    [Theory]
    [InlineData("0.0.0.0:0")]
    [InlineData("*:0")]
    [InlineData("[::]:0")]
    [InlineData("10.0.0.1:8080")]
    public async Task Start_ReachableAddressWithoutToken_IsRefused(string listen)
    {
        InvalidOperationException refused = await Assert.ThrowsAsync<InvalidOperationException>(() => Running.StartAsync(options: new() { Listen = listen }));

        Assert.Contains("http.token", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_ReachableAddressWithToken_Listens()
    {
        await using Running running = await Running.StartAsync(options: new() { Listen = "0.0.0.0:0", Token = "0123456789abcdef" });

        Assert.Equal(HttpStatusCode.Unauthorized, (await running.Client.GetAsync("/", Stop)).StatusCode);
    }

    [Theory]
    [InlineData("8080")]
    [InlineData("somewhere:8080")]
    [InlineData("127.0.0.1:99999")]
    public void Address_Wrong_IsNamed(string listen) =>
        Assert.StartsWith($"http.listen: value \"{listen}\" is not an address and port", Assert.Throws<FormatException>(() => LiveAddress.Parse(listen)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Start_TakenAddress_IsNamed()
    {
        await using Running first = await Running.StartAsync();
        string taken = first.Client.BaseAddress!.Authority;

        IOException refused = await Assert.ThrowsAsync<IOException>(() => Running.StartAsync(options: new() { Listen = taken }));

        Assert.StartsWith($"http.listen: value \"{taken}\" is not free", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_EmptyAddress_TurnsHttpOff()
    {
        await using LiveServer server = new(new() { Listen = "" }, new StillFeed(), new(() => [], () => []), TimeProvider.System, NullLoggerFactory.Instance);
        await server.StartAsync(Stop);

        Assert.Null(server.Address);
        await server.StopAsync(Stop);
    }

    /// <summary>A started server and a client of it.</summary>
    sealed class Running(LiveServer server, HttpClient client) : IAsyncDisposable
    {
        public HttpClient Client => client;

        public static async Task<Running> StartAsync(string[]? ready = null, HttpOptions? options = null)
        {
            options ??= new();
            LiveServer server = new(
                options with { Listen = options.Listen.Replace("127.0.0.1:8080", "127.0.0.1:0", StringComparison.Ordinal), RefreshEvery = TimeSpan.FromMilliseconds(200) },
                new StillFeed("cpu.idle{host=a}", Odd), new(() => [], () => ready ?? []), TimeProvider.System, NullLoggerFactory.Instance);
            await server.StartAsync(Stop);
            return new(server, new() { BaseAddress = server.Address });
        }

        public async ValueTask DisposeAsync()
        {
            await server.StopAsync(Stop);
            client.Dispose();
            await server.DisposeAsync();
        }
    }
}
