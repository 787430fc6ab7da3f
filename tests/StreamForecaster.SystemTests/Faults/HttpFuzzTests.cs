using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using StreamForecaster.Tests.Decoding;
using StreamForecaster.Worker.Live;
using StreamForecaster.Worker.Tests.Live;

namespace StreamForecaster.SystemTests.Faults;

/// <summary>Damaged requests at the page's port, as a stranger sends them and as one who has the token: each is answered or its connection closed, none
/// ends the server, none without the token is told anything.</summary>
public sealed class HttpFuzzTests : IAsyncLifetime
{
    const int Seed = 20_261_122;
    const string Token = "0123456789abcdef-secret";

    static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(10);
    static readonly byte[] WellAnswer = [.. "\r\n\r\nok\n"u8];

    // After each damaged request a whole one, which ends what the damage has left open. What comes before it is skipped as empty lines.
    static readonly byte[] Whole = Encoding.ASCII.GetBytes($"\r\n\r\nGET /healthz/live HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {Token}\r\n\r\n");

    static readonly (byte[] Request, bool HasToken, bool HasBody)[] Seeds =
    [
        (Request("GET /api/series/cpu.idle%7Bhost=a%7D?limit=1", "Authorization: Basic b3BzOng="), false, false),
        (Request("GET /events?series=cpu.idle", "Authorization: Bearer 0123456789abcdef-secrex"), false, false),
        (Request("GET /metrics", "Accept: text/plain"), false, false),
        (Request("GET /api/series?filter=cpu&limit=5", $"Authorization: Bearer {Token}"), true, false),
        (Request("GET /api/series/cpu.idle%7Bhost=a%7D", $"Authorization: Bearer {Token}", "Accept-Encoding: gzip"), true, false),
        (Request("HEAD /index.html", $"Authorization: Bearer {Token}", "If-None-Match: \"1d\"", "Range: bytes=0-10"), true, false),
        (Request("GET /api/health", $"Authorization: Basic {Convert.ToBase64String(Encoding.ASCII.GetBytes($"ops:{Token}"))}"), true, false),
        (Request("POST /api/series", $"Authorization: Bearer {Token}", "Content-Length: 12", "", "{\"limit\": 1}"), true, true),
        (Request("PUT /", "Transfer-Encoding: chunked", "", "5\r\nhello\r\n0"), false, true),
    ];

    readonly Errors _errors = new();
    readonly LiveServer _server;
    readonly byte[] _answer = new byte[1 << 20];
    readonly Dictionary<int, int> _statuses = [];
    Socket? _connection;

    public HttpFuzzTests() => _server = new(
        new() { Listen = "127.0.0.1:0", Token = Token, RequestsPerSecond = 1_000_000 }, new StillFeed("cpu.idle{host=a}"), new(static () => [], static () => []),
        TimeProvider.System, _errors);

    public async ValueTask InitializeAsync() => await _server.StartAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        _connection?.Dispose();
        await _server.StopAsync(CancellationToken.None);
        await _server.DisposeAsync();
    }

    [Fact]
    public void Requests_AFewMutated_AreAnsweredOrClosed() => Run("fuzz-short", count: 2_000);

    [LongFact("fuzz")]
    public void Requests_HundredsOfThousandsMutated_AreAnsweredOrClosed() => Run("fuzz", count: 200_000);

    void Run(string name, int count)
    {
        Random random = new(Seed);
        byte[] text = new byte[1024];
        int closed = 0;
        long longest = 0, start = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            (byte[] seed, bool hasToken, bool hasBody) = Seeds[i % Seeds.Length];
            int length = Mutation.Apply(random, seed, text);
            int first = 0;
            longest = Math.Max(longest, FuzzTests.Ticks(() => first = FirstStatus(Exchange(text.AsSpan(0, length), hasBody))));
            ReadOnlySpan<byte> request = text.AsSpan(0, length);
            closed += first == 0 ? 1 : 0;
            _statuses[first] = _statuses.GetValueOrDefault(first) + 1;

            // Where nothing is left of a request, the first answer is that of the whole one behind it.
            bool isAllowed = first is 0 or 200 or 304 or (>= 400 and < 500) or 505;
            Assert.True(isAllowed && (hasToken || first != 200 || IsEmpty(request)), $"mutation {i}, seed {Seed}, was answered {first}: {Convert.ToHexString(request)}\n{_errors.Last}");
        }

        TimeSpan took = Stopwatch.GetElapsedTime(start);
        double longestMs = Stopwatch.GetElapsedTime(0, longest).TotalMilliseconds;
        string statuses = string.Join(", ", _statuses.OrderBy(static s => s.Key).Where(static s => s.Key > 0).Select(static s => $"{s.Key}: {s.Value}"));
        LongRun.Say(name, $"seed {Seed}: {count} requests, answered {statuses}; closed {closed}; {took.TotalSeconds:F1} s, the longest {longestMs:F1} ms");
        Assert.Equal(count, _statuses.Values.Sum());
        Assert.True(_statuses.GetValueOrDefault(200) > 0 && _statuses.GetValueOrDefault(400) > 0 && _statuses.GetValueOrDefault(401) > 0, statuses);
        Assert.True(longestMs < FuzzTests.HangMin.TotalMilliseconds, $"one took {longestMs:F0} ms");
    }

    // What came back: up to the whole request's answer, or to the end of the connection.
    ReadOnlySpan<byte> Exchange(ReadOnlySpan<byte> request, bool hasBody)
    {
        int length = 0;
        try
        {
            _connection ??= Connect();
            _connection.Send(request);
            if (hasBody)
            {
                // A whole request behind it would be a part of its body: instead it is told that nothing more comes.
                _connection.Shutdown(SocketShutdown.Send);
            }
            else
            {
                _connection.Send(Whole);
            }

            for (int now; (now = _connection.Receive(_answer.AsSpan(length))) > 0;)
            {
                length += now;
                if (!hasBody && IsWell(_answer.AsSpan(0, length)))
                {
                    return _answer.AsSpan(0, length);
                }
            }
        }
        catch (SocketException refused) when (refused.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown)
        {
            // Closed while it was still being sent to: that is an answer too.
        }

        _connection?.Dispose();
        _connection = null;
        return _answer.AsSpan(0, length);
    }

    Socket Connect()
    {
        // No connection lingers: there are more of them than ports.
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            LingerState = new(enable: true, 0),
            ReceiveTimeout = (int)AnswerMax.TotalMilliseconds,
        };
        socket.Connect(IPAddress.Loopback, _server.Address!.Port);
        return socket;
    }

    static bool IsWell(ReadOnlySpan<byte> answer)
    {
        int last = answer.LastIndexOf("HTTP/1.1 "u8);
        return last >= 0 && FirstStatus(answer[last..]) == 200 && answer.EndsWith(WellAnswer);
    }

    static int FirstStatus(ReadOnlySpan<byte> answer) => answer.Length < 12 ? 0
        : int.Parse(Encoding.ASCII.GetString(answer.Slice("HTTP/1.1 ".Length, 3)), CultureInfo.InvariantCulture);

    static bool IsEmpty(ReadOnlySpan<byte> request) => request.IndexOfAnyExcept("\r\n"u8) < 0;

    // What the server says of itself when something goes wrong in it.
    sealed class Errors : ILoggerFactory, ILogger
    {
        internal string Last { get; private set; } = "";

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Last = IsEnabled(logLevel) ? $"{formatter(state, exception)} {exception}" : Last;

        public void Dispose()
        {
        }
    }

    static byte[] Request(string line, params string[] headers) =>
        Encoding.ASCII.GetBytes($"{line} HTTP/1.1\r\nHost: localhost\r\n{string.Join("\r\n", headers)}\r\n\r\n");
}
