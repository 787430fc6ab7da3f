using StreamForecaster.Worker.Live;

namespace StreamForecaster.SystemTests.Live;

/// <summary>
/// A feed that looks like a machine's metrics: one-second steps, daily and short seasons, noise by hash, a burst of load on one cpu,
/// groups at every stage of learning. A pure function of the clock.
/// </summary>
sealed class MachineFeed(TimeProvider clock) : ILiveFeed
{
    const int Kept = 300;
    const int Horizons = 12;
    const int Lookback = 64;

    static readonly (string Name, string Group, double Level, double Swing, double Noise)[] Series =
    [
        ("cpu.usage_idle{cpu=cpu0,host=edge-07}", "cpu", 72, 14, 4), ("cpu.usage_idle{cpu=cpu1,host=edge-07}", "cpu", 64, 11, 5),
        ("cpu.usage_user{cpu=cpu0,host=edge-07}", "cpu", 21, 9, 3), ("cpu.usage_user{cpu=cpu1,host=edge-07}", "cpu", 27, 8, 4),
        ("cpu.usage_system{cpu=cpu0,host=edge-07}", "cpu", 6, 2, 1), ("cpu.usage_iowait{cpu=cpu0,host=edge-07}", "cpu", 1.2, 0.6, 0.5),
        ("mem.used_percent{host=edge-07}", "mem", 61, 3, 0.2), ("mem.available{host=edge-07}", "mem", 8.4e9, 3e8, 4e7),
        ("mem.cached{host=edge-07}", "mem", 5.1e9, 1e8, 1e7), ("system.load1{host=edge-07}", "system", 1.4, 0.7, 0.2),
        ("system.load5{host=edge-07}", "system", 1.2, 0.4, 0.05), ("disk.used_percent{device=nvme0n1p2,host=edge-07,path=/var/lib/kafka}", "disk", 47, 0.4, 0.01),
        ("diskio.read_bytes{host=edge-07,name=nvme0n1}", "diskio", 3.4e6, 2e6, 1e6), ("diskio.write_bytes{host=edge-07,name=nvme0n1}", "diskio", 9.1e6, 4e6, 2e6),
        ("net.bytes_recv{host=edge-07,interface=eth0}", "net", 1.9e6, 9e5, 2e5), ("net.bytes_sent{host=edge-07,interface=eth0}", "net", 8.3e5, 4e5, 1e5),
        ("net.err_in{host=edge-07,interface=eth0}", "net", 0, 0, 0), ("processes.running{host=edge-07}", "system", 4, 2, 1),
        ("kernel.context_switches{host=edge-07}", "system", 18_400, 5_200, 1_100), ("synthetic.demand{site=north}", "synthetic", 540, 180, 12),
        ("synthetic.demand{site=south}", "synthetic", 410, 140, 10), ("http.latency_p95{route=/checkout,service=shop}", "http", 0.184, 0.03, 0.012),
        ("http.requests{route=/checkout,service=shop}", "http", 91, 34, 6), ("temp.celsius{host=edge-07,sensor=package_id_0}", "temp", 53, 5, 0.8),
    ];

    /// <summary>The index of the series with the burst.</summary>
    const int Burst = 1;

    /// <summary>Its name.</summary>
    public static string WithBurst => Series[Burst].Name;

    /// <inheritdoc/>
    public Task<IReadOnlyList<SeriesSummary>> ListAsync(string? filter, int limit, CancellationToken stop)
    {
        long now = Now();
        IReadOnlyList<SeriesSummary> rows =
        [
            .. Enumerable.Range(0, Series.Length)
                .Where(i => filter is null || Series[i].Name.Contains(filter, StringComparison.OrdinalIgnoreCase))
                .Select(i => new SeriesSummary(
                    Series[i].Name, Series[i].Group, Status(i), Score(i, now), IsAnomaly(i, now), Value(i, now), Expected(i, now + 1), Expert(i),
                    [.. Enumerable.Range(0, 32).Select(back => Value(i, now - 31 + back))]))
                .OrderByDescending(row => row.Score).ThenBy(row => row.Series, StringComparer.Ordinal).Take(limit),
        ];
        return Task.FromResult(rows);
    }

    /// <inheritdoc/>
    public Task<SeriesDetail?> ShowAsync(string series, CancellationToken stop)
    {
        int i = Array.FindIndex(Series, one => string.Equals(one.Name, series, StringComparison.Ordinal));
        if (i < 0)
        {
            return Task.FromResult<SeriesDetail?>(null);
        }

        long now = Now();
        long[] steps = [.. Enumerable.Range(0, Kept).Select(back => now - Kept + 1 + back)];
        return Task.FromResult<SeriesDetail?>(new(
            series, Series[i].Group, Status(i), 1,
            [.. steps.Select(step => (double)step)], [.. steps.Select(step => Value(i, step))],
            [.. steps.Select(step => Score(i, step))], [.. steps.Select(step => IsAnomaly(i, step))],
            [.. Enumerable.Range(1, Horizons).Select(ahead => Ahead(i, now, ahead))],
            Version(Series[i].Group) > 0 ? $"{Series[i].Group} v{Version(Series[i].Group)}" : "", Expert(i),
            Version(Series[i].Group) > 0 ? Attention() : []));
    }

    /// <inheritdoc/>
    public PipelineHealth Health()
    {
        long now = Now();
        string[] groups = [.. Series.Select(one => one.Group).Distinct(StringComparer.Ordinal)];
        return new(
            now % 1_000_000 * 9, now % 1_000_000 * 24, 24 + (3 * Hash(0, now)), Series.Length, Series.Length - 2, (long)(12 * Hash(1, now)), now % 1_000_000 * 24, 37, 2, 14,
            [.. Enumerable.Range(0, 4).Select(lane => new LaneHealth($"metrics-{lane}", lane == 3 ? "recovering" : "running", (now % 1_000_000 * 2) + lane, lane == 3 ? 1840 : lane, now - 2))],
            [new("files:demo", true, null, now % 1_000_000 * 70), new("influx:metrics", false, "http://influx:8086 answers 503, next try in 8 s", now % 1_000_000 * 66)],
            [.. groups.Select(Group)]);
    }

    static GroupHealth Group(string group)
    {
        int size = Series.Count(one => string.Equals(one.Group, group, StringComparison.Ordinal));
        long version = Version(group);
        double[] losses = [.. Enumerable.Range(0, 40).Select(step => 0.21 + (0.5 * Math.Exp(-step / 9.0)) + (0.03 * Hash(group.Length, step)))];
        return group is "temp" or "http"
            ? new(group, size, "", 0, 0, null, null, null, null, [])
            : new(group, size, "gru", version, (int)version + 2, losses[^1],
                version > 0 ? "accepted: 8.1 % better than the champion on recent windows, 0.4 % on the reservoir" : "refused: 1.3 % worse than last value on recent windows",
                0.2391, version > 0 ? 0.2197 : 0.2422, losses)
            {
                Bands = new(0.903, 1.62, 2.31),
            };
    }

    static long Version(string group) => group is "cpu" or "synthetic" or "net" or "diskio" ? group.Length : 0;

    static string Status(int i) => i switch { 16 => "flat", 22 => "warming 18/30", 23 => "stale", _ => "ready" };

    static string Expert(int i) => Version(Series[i].Group) > 0 ? "gru" : i % 2 == 0 ? "smoothing" : "last value";

    static bool IsAnomaly(int i, long step) => Score(i, step) > 0.9;

    static bool InBurst(int i, long step) => i == Burst && step % 240 is > 190 and < 214;

    static double Score(int i, long step) =>
        InBurst(i, step) ? (step % 240 < 200 ? 0.97 : 0.72)
        : i == 21 && step % 240 > 150 ? 0.74
        : Math.Pow(Hash(i + 50, step / 3), 3) * (i % 3 == 0 ? 0.6 : 0.3);

    static double? Value(int i, long step)
    {
        double value = Expected(i, step) + (Series[i].Noise * ((2 * Hash(i, step)) - 1));
        return i == 17 && step % 97 == 0 ? null : InBurst(i, step) ? value * 0.12 : value;
    }

    static double Expected(int i, long step) =>
        Series[i].Level + (Series[i].Swing * (Math.Sin((step + (37 * i)) / 19.0) + (0.4 * Math.Sin((step + (11 * i)) / 6.1))));

    static HorizonForecast Ahead(int i, long now, int ahead)
    {
        double width = (Series[i].Noise + (Series[i].Swing * 0.1)) * (1 + (0.12 * ahead));
        double middle = Expected(i, now + ahead);
        return new(ahead, now + ahead, middle, middle - width, middle + width);
    }

    static double[] Attention()
    {
        double[] weights = [.. Enumerable.Range(0, Lookback).Select(step => Math.Exp(-Math.Pow((step - 25) / 5.0, 2)) + (0.8 * Math.Exp((step - 63) / 4.0)) + 0.03)];
        double sum = weights.Sum();
        return [.. weights.Select(weight => weight / sum)];
    }

    // In [0, 1), the same for the same arguments.
    static double Hash(int salt, long step)
    {
        ulong mixed = (((ulong)step * 0x9E3779B97F4A7C15) ^ ((ulong)salt * 0xC2B2AE3D27D4EB4F)) * 0xD6E8FEB86659FD93;
        mixed ^= mixed >> 32;
        return (mixed * 0xD6E8FEB86659FD93 >> 11) / (double)(1L << 53);
    }

    long Now() => clock.GetUtcNow().ToUnixTimeSeconds();
}
