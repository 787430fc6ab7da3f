using System.Text;
using StreamForecaster.Decoding;
using StreamForecaster.Worker.Ingestion.Host;
using StreamForecaster.Worker.Tests.Publishing;

namespace StreamForecaster.Worker.Tests.Ingestion;

public sealed class HostMetricsTests : IDisposable
{
    static readonly DateTimeOffset Second = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    readonly TemporaryFolder _proc = new();
    readonly TelegrafRecords _records = new("box");

    public HostMetricsTests()
    {
        Write("loadavg", "0.50 0.40 0.30 1/200 1234\n");
        Write("meminfo", "MemTotal: 1000 kB\nMemFree: 300 kB\nMemAvailable: 600 kB\nBuffers: 100 kB\nCached: 200 kB\n");
        Write("diskstats", " 7 0 loop0 5 0 9 0 0 0 0 0 0 0 0\n 254 0 vda 10 0 80 0 20 0 160 0 1 30 0\n 254 1 vdb 0 0 0 0 0 0 0 0 0 0 0\n");
        Write("net/dev", "head\nhead\n  eth0: 1000 10 0 0 0 0 0 0 2000 20 0 0 0 0 0 0\n");
        Write("stat", "cpu 100 0 50 850 0 0 0 0 0 0\ncpu0 100 0 50 850 0 0 0 0 0 0\nintr 1\n");
    }

    public void Dispose()
    {
        _records.Dispose();
        _proc.Dispose();
    }

    [Fact]
    public void Write_SecondTime_GivesCpuSharesOfTheTimeBetween()
    {
        HostMetrics metrics = new(_proc.Path);
        metrics.Write(_records);
        Write("stat", "cpu 130 10 60 900 0 0 0 0 20 0\ncpu0 130 10 60 900 0 0 0 0 20 0\n");
        _records.Start(Second);
        metrics.Write(_records);

        string cpu0 = Payload("box/cpu0");
        Assert.Contains("\"usage_user\":10,", cpu0);
        Assert.Contains("\"usage_nice\":10,", cpu0);
        Assert.Contains("\"usage_system\":10,", cpu0);
        Assert.Contains("\"usage_idle\":50,", cpu0);
        Assert.Contains("\"usage_guest\":20,", cpu0);
        Assert.EndsWith("\"name\":\"cpu\",\"tags\":{\"host\":\"box\",\"cpu\":\"cpu0\"},\"timestamp\":1700000000}", cpu0);
    }

    [Fact]
    public void Write_EverySource_IsARecordOfItsOwn()
    {
        HostMetrics metrics = new(_proc.Path);
        _records.Start(Second);
        metrics.Write(_records);

        Assert.Contains("\"load1\":0.5,", Payload("box/system"));
        Assert.Contains("\"used_percent\":40}", Payload("box/mem"));
        Assert.Contains("\"read_bytes\":40960,", Payload("box/diskio/vda"));
        Assert.Contains("\"bytes_sent\":2000,", Payload("box/net/eth0"));
        Assert.DoesNotContain(_records.Written, record => record.Key is "box/diskio/loop0" or "box/diskio/vdb" or "box/cpu0");
    }

    [Fact]
    public void Write_ThisMachineAndTheSeasonalSources_DecodesWithoutError()
    {
        HostMetrics metrics = new();
        metrics.Write(_records);
        _records.Start(Second);
        metrics.Write(_records);
        SeasonalSources.Write(Second, _records);

        TelegrafJsonDecoder decoder = new(new());
        PointBatch points = new();
        foreach (TelegrafRecord record in _records.Written)
        {
            decoder.Decode(record.Payload, Second.ToUnixTimeMilliseconds() * 1_000_000, points);
        }

        Assert.Equal(0, points.ErrorCount);
        Assert.True(points.Count >= 20, $"{points.Count} series");
        Assert.All(Enumerable.Range(0, points.Count), i => Assert.Equal(1_700_000_000_000_000_000, points.TimestampNs(i)));
    }

    [Fact]
    public void SeasonalSources_SamePhase_DifferOnlyByNoise()
    {
        _records.Start(Second);
        SeasonalSources.Write(Second, _records);
        string now = Payload("box/seasonal-1");
        _records.Start(Second);
        SeasonalSources.Write(Second, _records);
        Assert.Equal(now, Payload("box/seasonal-1"));

        Assert.InRange(Math.Abs(Wave(Second) - Wave(Second.AddSeconds(20))), 0, 2);
        Assert.InRange(Math.Abs(Wave(Second) - Wave(Second.AddSeconds(5))), 10, 40);
    }

    double Wave(DateTimeOffset time)
    {
        _records.Start(time);
        SeasonalSources.Write(time, _records);
        TelegrafJsonDecoder decoder = new(new());
        PointBatch points = new();
        decoder.Decode(_records.Written[0].Payload, 0, points);
        return points.Value(0);
    }

    string Payload(string key) => Encoding.UTF8.GetString(_records.Written.Single(record => string.Equals(record.Key, key, StringComparison.Ordinal)).Payload);

    void Write(string name, string text)
    {
        string path = Path.Combine(_proc.Path, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
