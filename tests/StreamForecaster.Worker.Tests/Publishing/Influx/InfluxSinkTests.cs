using System.Diagnostics.Metrics;
using System.Globalization;
using StreamForecaster.Worker.Publishing;
using StreamForecaster.Worker.Publishing.Influx;

namespace StreamForecaster.Worker.Tests.Publishing.Influx;

/// <summary>Every row of the table of answers, played by a real server.</summary>
public sealed class InfluxSinkTests : IAsyncLifetime, IDisposable
{
    const string Secret = "s3cret-t0ken";

    readonly Meter _meter = new("StreamForecaster");
    readonly CapturedLog _log = new();
    readonly RecordingSink _deadLetters = new();
    FakeInflux _server = null!;

    public async ValueTask InitializeAsync() => _server = await FakeInflux.StartAsync();

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    public void Dispose()
    {
        _meter.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task Write_TwoBatches_AreOneGzippedRequestInSeconds()
    {
        await using InfluxSink sink = Sink();
        await Write(sink, Batches.Forecasts("a", 1000, 3), Batches.Forecasts("b", 1000, 2));
        Assert.Equal(5, _server.Points.Count);
        FakeRequest request = Assert.Single(_server.Requests);
        Assert.Equal("/api/v2/write", request.Path);
        Assert.Equal("?org=home&bucket=metrics&precision=s", request.Query);
        Assert.Equal("Token " + Secret, request.Authorization);
        Assert.Equal("yhat=1000.5", _server.Points["forecast,horizon=1,series=a 1000000000000"]);
    }

    [Theory]
    [InlineData(InfluxApi.V1, "/write", "?db=metrics&precision=s", "Token " + Secret)]
    [InlineData(InfluxApi.V3, "/api/v3/write_lp", "?db=metrics&accept_partial=true&precision=second", "Bearer " + Secret)]
    public async Task Write_OtherApis_UseTheirAddressAndWords(InfluxApi api, string path, string query, string authorization)
    {
        await using InfluxSink sink = Sink(options => options with { Api = api });
        await Write(sink, Batches.Forecasts("a", 1000, 1));
        FakeRequest request = Assert.Single(_server.Requests);
        Assert.Equal((path, query, authorization), (request.Path, request.Query, request.Authorization));
        Assert.Single(_server.Points);
    }

    [Fact]
    public async Task Write_MoreThanARequestHolds_IsCutIntoSeveral()
    {
        await using InfluxSink sink = Sink(options => options with { RequestLines = 100 });
        await Write(sink, Batches.Forecasts("a", 1000, 250));
        Assert.Equal([100, 100, 50], _server.Requests.Select(request => request.Lines.Count));
        Assert.Equal(250, _server.Points.Count);
    }

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    public async Task Write_StatusThatMayPass_IsKeptAndSentAgain(int status)
    {
        _server.Plays(Plays.Answer(status, "{\"error\":\"not now\"}"), Plays.Answer(status));
        await using InfluxSink sink = Sink();
        await Write(sink, Batches.Forecasts("a", 1000, 3));
        Assert.Equal(3, _server.Requests.Count);
        Assert.Equal(3, _server.Points.Count);
        Assert.Empty(Rejected());
        Assert.Contains($"Error 410 influx:test: {status} ", _log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_ConnectionsCutAnywhere_EveryPointIsThereOnce()
    {
        _server.Plays(Plays.CutInBody, Plays.CutAfterWriting, Plays.CutInAnswer, Plays.Hang);
        await using InfluxSink sink = Sink();
        await Write(sink, Batches.Forecasts("a", 1000, 500));
        Assert.Equal(500, _server.Points.Count);
        Assert.Equal(5, _server.Requests.Count);
    }

    [Fact]
    public async Task Write_Unauthorised_IsUnhealthyAndNamesTheRemedyNotTheToken()
    {
        _server.Down = 401;
        await using InfluxSink sink = Sink();
        Task written = Write(sink, Batches.Forecasts("a", 1000, 1));
        await Poll.UntilAsync(() => !sink.Healthy, "the sink is unhealthy");
        Assert.StartsWith("401 Unauthorized (check the token", sink.Trouble, StringComparison.Ordinal);
        _server.Down = null;
        await written;
        Assert.True(sink.Healthy);
    }

    [Theory]
    [InlineData(InfluxApi.V1, 400)]
    [InlineData(InfluxApi.V2, 422)]
    [InlineData(InfluxApi.V3, 400)]
    public async Task Write_PartialWrite_OnlyTheRefusedLinesAreDeadLetters(InfluxApi api, int status)
    {
        HashSet<string> bad = ["forecast,horizon=1,series=a yhat=1007.5 1007", "forecast,horizon=1,series=a yhat=1400.5 1400"];
        _server.Judge = api == InfluxApi.V3 ? Judges.Numbered(bad, status) : Judges.Dropping(bad, status);
        await using InfluxSink sink = Sink(options => options with { Api = api });
        await Write(sink, Batches.Forecasts("a", 1000, 1000));
        Assert.Equal(998, _server.Points.Count);
        Assert.Equal(2, Rejected().Count);
        Assert.Contains("series=a yhat=1007.5 1007000000000\"", Rejected()[0], StringComparison.Ordinal);
        Assert.Contains("series=a yhat=1400.5 1400000000000\"", Rejected()[1], StringComparison.Ordinal);
        Assert.All(Rejected(), letter => Assert.Contains("field type conflict", letter, StringComparison.Ordinal));
        int requests = _server.Requests.Count;
        await Write(sink, Batches.Forecasts("b", 1000, 1));
        Assert.Equal(requests + 1, _server.Requests.Count);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 2)]
    public async Task Write_LinesThatDoNotParse_AreNamedAndNeverSentAgain(bool partial, int requests)
    {
        HashSet<string> bad = ["bad 'line': 1", "worse 2"];
        _server.Judge = Judges.Parsing(bad, partial);
        await using InfluxSink sink = Sink();
        await Write(sink, Batches.Of(10, "m v=1 1", "bad 'line': 1", "m v=2 2", "worse 2", "m v=3 3"));
        Assert.Equal(3, _server.Points.Count);
        Assert.Equal(requests, _server.Requests.Count);
        Assert.Contains("\"reason\":\"missing fields\"", Rejected()[0], StringComparison.Ordinal);
        Assert.Equal(2, Rejected().Count);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(422)]
    public async Task Write_WhollyRefused_IsDeadLettersAtOnceAndAcknowledged(int status)
    {
        _server.Plays(Plays.Answer(status, "{\"code\":\"invalid\",\"message\":\"no such thing\"}"));
        await using InfluxSink sink = Sink();
        await Write(sink, Batches.Forecasts("a", 1000, 7));
        Assert.Single(_server.Requests);
        Assert.Empty(_server.Points);
        Assert.Equal(7, Rejected().Count);
        Assert.All(Rejected(), letter => Assert.Contains("no such thing", letter, StringComparison.Ordinal));
        Assert.True(sink.Healthy);
    }

    [Fact]
    public async Task Write_TooLarge_IsHalvedUntilItFits()
    {
        _server.MaxLines = 130;
        await using InfluxSink sink = Sink();
        await Write(sink, Batches.Forecasts("a", 1000, 1000));
        Assert.Equal(1000, _server.Points.Count);
        Assert.Equal(1000, _server.Requests.Where(request => request.Lines.Count <= 130).Sum(request => request.Lines.Count));
        Assert.Empty(Rejected());
    }

    [Fact]
    public async Task Write_OneLineTooLarge_IsADeadLetterAndTheOthersPass()
    {
        _server.MaxLines = 0;
        await using InfluxSink sink = Sink();
        await Write(sink, Batches.Forecasts("a", 1000, 3));
        Assert.Equal(3, Rejected().Count);
        Assert.Contains("413", Rejected()[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Write_RetryAfter_IsWaitedForInBothForms(bool date)
    {
        // The back-off alone would be 10 ms: the sink's clock must have moved by what the server asked for.
        ManualTime time = new();
        string retryAfter = date ? time.GetUtcNow().AddSeconds(90).ToString("R", CultureInfo.InvariantCulture) : "90";
        _server.Plays(Plays.Answer(503, retryAfter: retryAfter));
        await using InfluxSink sink = Sink(options => options with { Linger = TimeSpan.Zero }, time);
        Task written = Write(sink, Batches.Forecasts("a", 1000, 1));
        await Poll.UntilAsync(() => !sink.Healthy, "the answer has come");
        for (int second = 0; second < 89; second++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Single(_server.Requests);
        await Poll.UntilAsync(
            () =>
            {
                time.Advance(TimeSpan.FromMilliseconds(100));
                return written.IsCompleted;
            },
            "written");
        Assert.InRange(time.GetUtcNow() - ManualTime.Start, TimeSpan.FromSeconds(90), TimeSpan.FromHours(1));
        Assert.Single(_server.Points);
    }

    [Fact]
    public async Task Write_ServerThatSendsTheTokenBack_ItIsInNoLogDeadLetterOrTrouble()
    {
        string echo = $"{{\"error\":\"token {Secret} may not write\"}}";
        _server.Plays(Plays.Answer(403, echo), Plays.Answer(500, echo), Plays.CutInBody, Plays.Answer(400, echo));
        InfluxOptions options = Options();
        await using InfluxSink sink = Sink();
        await Write(sink, Batches.Forecasts("a", 1000, 1));
        string everything = string.Join('\n', _log.Text, options, sink.Trouble, string.Concat(Rejected()));
        Assert.DoesNotContain(Secret, everything, StringComparison.Ordinal);
        Assert.Contains("token *** may not write", everything, StringComparison.Ordinal);
    }

    [Fact]
    public void Token_WithALineBreak_IsRefusedWithoutBeingRepeated()
    {
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(
            () => Sink(options => options with { Token = Secret + "\nx" }));
        Assert.DoesNotContain(Secret, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task HasRoom_NoSpoolAndServerAway_EndsWithTheQueue()
    {
        _server.Down = 503;
        await using InfluxSink sink = Sink(options => options with { QueueBytes = 4096 });
        Assert.True(sink.HasRoom);
        Task written = Write(sink, Batches.Forecasts("a", 1000, 200));
        Assert.False(sink.HasRoom);
        _server.Down = null;
        await written;
        Assert.True(sink.HasRoom);
    }

    [Fact]
    public async Task Counters_AfterTroubles_AgreeWithWhatHappened()
    {
        Dictionary<string, long> counted = [];
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (ReferenceEquals(instrument.Meter, _meter))
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
        {
            lock (counted)
            {
                counted[instrument.Name] = counted.GetValueOrDefault(instrument.Name) + value;
            }
        });
        listener.Start();
        _server.Plays(Plays.Answer(500), Plays.Answer(400, "{\"error\":\"no\"}"));
        await using InfluxSink sink = Sink();
        await Write(sink, Batches.Forecasts("a", 1000, 7));
        await Write(sink, Batches.Forecasts("b", 1000, 5));
        Assert.Equal(5, counted["streamforecaster.sink.lines.written"]);
        Assert.Equal(7, counted["streamforecaster.sink.lines.rejected"]);
        Assert.Equal(1, counted["streamforecaster.sink.retries"]);
    }

    static async Task Write(InfluxSink sink, params ResultBatch[] batches)
    {
        foreach (ResultBatch batch in batches)
        {
            sink.Enqueue(batch);
        }

        await sink.FlushAsync(TestContext.Current.CancellationToken);
    }

    List<string> Rejected() =>
        [.. _deadLetters.Batches(new("rejected.influx.test", 0)).SelectMany(batch => batch.DeadLetters.TrimEnd('\n').Split('\n'))];

    InfluxSink Sink(Func<InfluxOptions, InfluxOptions>? change = null, TimeProvider? time = null)
    {
        InfluxOptions options = change is null ? Options() : change(Options());
        return new(options, new() { Meter = _meter, Logs = _log, Time = time ?? TimeProvider.System }, _deadLetters);
    }

    InfluxOptions Options() => new()
    {
        Name = "test",
        Url = _server.Url,
        Org = "home",
        Bucket = "metrics",
        Token = Secret,
        FirstDelay = TimeSpan.FromMilliseconds(10),
        MaxDelay = TimeSpan.FromMilliseconds(50),
        AlarmDelay = TimeSpan.FromMilliseconds(20),
        Linger = TimeSpan.FromMilliseconds(20),
        Timeout = TimeSpan.FromSeconds(2),
    };
}
