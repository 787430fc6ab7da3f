using System.Globalization;
using System.Text;
using StreamForecaster.Decoding;
using StreamForecaster.Tests.Decoding;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Lanes;
using StreamForecaster.Worker.Publishing;
using StreamForecaster.Worker.Tests.Lanes;

namespace StreamForecaster.SystemTests.Faults;

/// <summary>What a broken or malicious producer can send: refused and counted, and nobody else's results change by a bit.</summary>
public sealed class HostileInputTests
{
    const int QuietSteps = 5;

    static readonly LaneSettings Settings = new() { Align = new() { Step = TimeSpan.FromSeconds(1) } };

    [Fact]
    public void Flood_OfDistinctTagValues_LeavesTheRealSeriesBitForBit() => Flood(Settings with { Series = new() { Probation = 700 } }, series: 50, steps: 40, strangersPerRecord: 10);

    [LongFact("fuzz")]
    public void Flood_OfAMillionTagValuesInAMinute_LeavesAThousandSeriesBitForBit() => Flood(Settings, series: 1000, steps: 65, strangersPerRecord: 17);

    [Fact]
    public void Record_OfFiftyMegabytes_IsADeadLetterWhetherCutOrWhole()
    {
        byte[] record = new byte[50 << 20];
        record.AsSpan().Fill((byte)' ');
        PointBatch points = new();
        new RecordDecoder(new(), DecodeFormat.Auto).Decode(record, 0, points);
        Assert.Equal((0, 1), (points.Count, points.ErrorCount));

        using LaneRun run = new(Settings);
        RecordBatch batch = new();
        batch.Add(0, 1_700_000_000_000, [], record.AsSpan(0, 1 << 20), record.Length);
        ResultBatch results = new();
        run.Lane.Process(batch, results);
        Assert.Contains("larger than", Encoding.UTF8.GetString(results.DeadLetters.Written), StringComparison.Ordinal);
        Assert.Contains("\"bytes\":52428800", Encoding.UTF8.GetString(results.DeadLetters.Written), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nested arrays", DecodeFormat.TelegrafJson)]
    [InlineData("nested objects", DecodeFormat.OtlpJson)]
    [InlineData("invalid UTF-8", DecodeFormat.LineProtocol)]
    [InlineData("invalid UTF-8", DecodeFormat.TelegrafJson)]
    [InlineData("nested arrays", DecodeFormat.Auto)]
    public void Record_ThatIsHostile_IsAccountedForAndTheNextOnePasses(string kind, DecodeFormat format)
    {
        byte[] record = kind switch
        {
            "nested arrays" => [.. Enumerable.Repeat((byte)'[', 1_000_000)],
            "nested objects" => Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":", 200_000))),
            _ => [.. "cpu,host="u8, 0xc3, 0x28, 0xff, .. " value=1 1700000000000000000"u8],
        };
        RecordDecoder decoder = new(DecoderSeeds.Sensors, format);
        PointBatch points = new();
        decoder.Decode(record, 0, points);
        Assert.True(points.Count + points.ErrorCount + points.SkippedCount > 0);
        foreach (byte[] good in DecoderSeeds.Of(format))
        {
            points.Clear();
            decoder.Decode(good, 0, points);
            Assert.NotEqual(0, points.Count);
        }
    }

    [Fact]
    public void Points_OfTheYears1And9999_AreDeadLettersAndMoveNobody()
    {
        List<TestRecord> records = TestRecord.Stream(seed: 30, steps: 60, series: 3);
        using LaneRun expected = new LaneRun(Settings).Feed(records);
        string[] strangers = ["evil value=1 -62135596800000000000", "evil value=1 253402300799000000000", "evil value=1 9223372036854775807"];
        List<TestRecord> hostile = [];
        foreach (TestRecord record in records)
        {
            hostile.AddRange(strangers.Select(stranger => record with { Payload = stranger }));
            hostile.Add(record);
        }

        using LaneRun run = new LaneRun(Settings).Feed(hostile.Select(static (record, offset) => record with { Offset = offset }));
        Assert.Equal(expected.Lines, run.Lines);
        Assert.Equal(strangers.Length * records.Count, run.Lane.Counters.DeadLetters);
    }

    [Fact]
    public void Payload_OfAMillionLines_GivesEveryPointOnce()
    {
        const int Lines = 1_000_000;
        StringBuilder payload = new();
        for (int i = 0; i < Lines; i++)
        {
            payload.Append(CultureInfo.InvariantCulture, $"m v={i}\n");
        }

        PointBatch points = new(128 << 20);
        new RecordDecoder(new(), DecodeFormat.LineProtocol, 64 << 20).Decode(Encoding.ASCII.GetBytes(payload.ToString()), 1, points);
        Assert.Equal((Lines, 0), (points.Count, points.ErrorCount));
        Assert.Equal(Lines - 1, points.Value(Lines - 1));
    }

    static void Flood(LaneSettings settings, int series, int steps, int strangersPerRecord)
    {
        List<TestRecord> records = TestRecord.Stream(seed: 31, steps, series);
        using LaneRun expected = new LaneRun(settings).Feed(records, batchMax: 1000).Finish();
        using LaneRun run = new LaneRun(settings).Feed(WithStrangers(records, strangersPerRecord), batchMax: 1000).Finish();
        Assert.Equal(expected.SortedLines, run.SortedLines);
        long strangers = run.Lane.Counters.Records - records.Count;
        Assert.True(strangers > series * (steps - QuietSteps - 1L) * strangersPerRecord * 0.95, $"{strangers} strangers");
    }

    // They come beside series that are known already.
    static IEnumerable<TestRecord> WithStrangers(List<TestRecord> records, int each)
    {
        long quietUntilMs = records[0].TimestampMs + (QuietSteps * 1000);
        long offset = 0;
        foreach (TestRecord record in records)
        {
            yield return record with { Offset = offset++ };
            for (int i = 0; i < each && record.TimestampMs >= quietUntilMs; i++)
            {
                string payload = string.Create(CultureInfo.InvariantCulture, $"flood,id={offset} value=1 {record.TimestampMs}000000");
                yield return new(offset++, record.TimestampMs, payload);
            }
        }
    }

}
