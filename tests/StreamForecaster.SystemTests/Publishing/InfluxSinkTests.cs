using System.Globalization;
using System.Text.Json;
using StreamForecaster.Publishing;
using StreamForecaster.SystemTests.Databases;
using StreamForecaster.Worker.Publishing;
using StreamForecaster.Worker.Publishing.Influx;

namespace StreamForecaster.SystemTests.Publishing;

/// <summary>The sink on InfluxDB 1.x, and what only a real one can tell: its own words for what it refuses.</summary>
[Collection(SystemRun.Name)]
public sealed class InfluxSinkTests(InfluxServer server) : InfluxSinkContract(server, InfluxApi.V1)
{
    [Fact]
    public async Task Write_LinesThatDoNotParse_AreDeadLettersAndTheOthersAreThere()
    {
        await CreateAsync("badlines");
        await using InfluxSink sink = Sink("badlines");
        await WriteAsync(sink, "m v=1 1000000000", "no fields 2000000000", "m v= 3000000000", "m,a='q' v=oops 4", "m v=5 5000000000");
        Assert.Equal(2, (await Database.CountsAsync("badlines", "m", "v"))[""]);
        string[] reasons = [.. Rejected("badlines").Select(letter => letter.GetProperty("reason").GetString()!)];
        Assert.Equal(["invalid field format", "missing field value", "invalid boolean"], reasons);
    }

    [Fact]
    public async Task Write_TypesInConflict_OnlyTheLinesInConflictAreDeadLetters()
    {
        await CreateAsync("conflict");
        await using InfluxSink sink = Sink("conflict");
        await WriteAsync(sink, "m v=1 1");
        string[] lines = [.. Enumerable.Range(2, 999).Select(i => string.Create(
            CultureInfo.InvariantCulture, $"m v={(i is 100 or 700 ? "\"text\"" : "2")} {i}"))];
        await WriteAsync(sink, lines);
        Assert.Equal(998, (await Database.CountsAsync("conflict", "m", "v"))[""]);
        JsonElement[] rejected = Rejected("conflict");
        Assert.Equal(["m v=\"text\" 100", "m v=\"text\" 700"], rejected.Select(letter => letter.GetProperty("line").GetString()));
        Assert.All(rejected, letter => Assert.Contains("field type conflict", letter.GetProperty("reason").GetString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Write_RequestTooLarge_IsHalvedAndComplete()
    {
        await CreateAsync("large");
        SeriesLabels[] series = [.. Enumerable.Range(0, 50).Select(i => Results.Series("large", i))];
        await using InfluxSink sink = Sink("large", options => options with { Gzip = false, QueueBytes = 64 << 20 });
        for (int step = 0; step < 60; step++)
        {
            sink.Enqueue(Results.Step(series, step));
        }

        await DeliveredAsync(sink);
        IReadOnlyDictionary<string, long> counts = await Database.CountsAsync("large", "forecast", "yhat");
        Assert.Equal(100, counts.Count);
        Assert.All(counts.Values, count => Assert.Equal(60, count));
        Assert.Empty(Rejected("large"));
    }

    [Fact]
    public async Task Write_DatabaseMissing_IsKeptAndThereOnceItIsMade()
    {
        Assert.SkipWhen(Database.Missing is not null, Database.Missing ?? "");
        await using InfluxSink sink = Sink("later");
        Task written = WriteAsync(sink, "m v=1 1000000000");
        await Wait.UntilAsync(() => !sink.Healthy, () => "the sink is unhealthy");
        Assert.Equal("404 NotFound (check the address and the name of the bucket or database): database not found: \"later\"", sink.Trouble);
        await Database.CreateAsync("later");
        await written;
        Assert.Equal(1, (await Database.CountsAsync("later", "m", "v"))[""]);
    }

    static async Task WriteAsync(InfluxSink sink, params string[] lines)
    {
        ResultBatch batch = Results.Lines(lines);
        sink.Enqueue(batch);
        await DeliveredAsync(sink);
    }

    JsonElement[] Rejected(string sink) =>
    [
        .. DeadLetters.Batches(new($"rejected.influx.{sink}", 0))
            .SelectMany(batch => batch.DeadLetters.TrimEnd('\n').Split('\n'))
            .Select(line => JsonDocument.Parse(line).RootElement),
    ];
}
