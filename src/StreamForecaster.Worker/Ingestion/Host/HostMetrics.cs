namespace StreamForecaster.Worker.Ingestion.Host;

/// <summary>This machine's metrics from <c>/proc</c>, with the names that Telegraf's plugins give them.</summary>
public sealed class HostMetrics
{
    readonly string _proc;
    readonly CpuUsage _cpu;
    readonly string[] _mounts;

    /// <summary>Reads from <paramref name="proc"/>.</summary>
    public HostMetrics(string proc = "/proc")
    {
        _proc = proc;
        _cpu = new(Path.Combine(proc, "stat"));
        _mounts = RealMounts();
    }

    /// <summary>Writes one record per source. Percentages of cpu are of the time since the last call, so the first call has none.</summary>
    public void Write(TelegrafRecords to)
    {
        _cpu.Write(to);
        WriteSystem(to);
        WriteMemory(to);
        WriteSpace(to);
        Counters.WriteDisks(Path.Combine(_proc, "diskstats"), to);
        Counters.WriteNetwork(Path.Combine(_proc, "net", "dev"), to);
    }

    void WriteSystem(TelegrafRecords to)
    {
        string path = Path.Combine(_proc, "loadavg");
        if (!File.Exists(path))
        {
            return;
        }

        string[] words = File.ReadAllText(path).Split(' ');
        to.Begin("system", "system");
        to.Field("load1", ProcText.Number(words[0]));
        to.Field("load5", ProcText.Number(words[1]));
        to.Field("load15", ProcText.Number(words[2]));
        to.End();
    }

    void WriteMemory(TelegrafRecords to)
    {
        string path = Path.Combine(_proc, "meminfo");
        if (!File.Exists(path))
        {
            return;
        }

        Dictionary<string, double> bytes = new(StringComparer.Ordinal);
        foreach (string line in File.ReadLines(path))
        {
            string[] words = ProcText.Words(line);
            if (words.Length >= 2)
            {
                bytes[words[0].TrimEnd(':')] = 1024 * ProcText.Number(words[1]);
            }
        }

        double total = bytes.GetValueOrDefault("MemTotal", double.NaN);
        double available = bytes.GetValueOrDefault("MemAvailable", double.NaN);
        double free = bytes.GetValueOrDefault("MemFree", double.NaN);
        double cached = bytes.GetValueOrDefault("Cached", double.NaN);
        double buffered = bytes.GetValueOrDefault("Buffers", double.NaN);
        to.Begin("mem", "mem");
        to.Field("available", available);
        to.Field("available_percent", 100 * available / total);
        to.Field("buffered", buffered);
        to.Field("cached", cached);
        to.Field("free", free);
        to.Field("used", total - free - cached - buffered);
        to.Field("used_percent", 100 * (total - free - cached - buffered) / total);
        to.End();
    }

    void WriteSpace(TelegrafRecords to)
    {
        foreach (string mount in _mounts)
        {
            DriveInfo drive = new(mount);
            double total = drive.TotalSize;
            double free = drive.AvailableFreeSpace;
            double used = total - drive.TotalFreeSpace;
            to.Begin("disk", $"disk{mount}", new("path", mount), new("fstype", drive.DriveFormat));
            to.Field("free", free);
            to.Field("used", used);
            to.Field("used_percent", 100 * used / (used + free));
            to.End();
        }
    }

    // Mounts that hold files of people, each device once; not the kernel's own file systems, images and single bound files.
    static string[] RealMounts() =>
    [
        .. DriveInfo.GetDrives()
            .Where(drive => drive is { IsReady: true, DriveType: DriveType.Fixed, TotalSize: > 0 } && Directory.Exists(drive.Name)
                && drive.DriveFormat is not ("squashfs" or "iso9660"))
            .DistinctBy(drive => (drive.DriveFormat, drive.TotalSize))
            .Select(drive => drive.Name),
    ];
}
