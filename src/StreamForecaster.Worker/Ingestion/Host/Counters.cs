namespace StreamForecaster.Worker.Ingestion.Host;

/// <summary>The counters of disks and network interfaces, growing since the machine's start, as Telegraf gives them.</summary>
static class Counters
{
    const int SectorBytes = 512;

    internal static void WriteDisks(string path, TelegrafRecords to)
    {
        if (!File.Exists(path))
        {
            return;
        }

        foreach (string line in File.ReadLines(path))
        {
            string[] words = ProcText.Words(line);
            if (words.Length < 14 || IsPretended(words[2]) || words[3] is "0")
            {
                continue;
            }

            to.Begin("diskio", $"diskio/{words[2]}", new KeyValuePair<string, string>("name", words[2]));
            to.Field("reads", ProcText.Number(words[3]));
            to.Field("read_bytes", SectorBytes * ProcText.Number(words[5]));
            to.Field("writes", ProcText.Number(words[7]));
            to.Field("write_bytes", SectorBytes * ProcText.Number(words[9]));
            to.Field("iops_in_progress", ProcText.Number(words[11]));
            to.Field("io_time", ProcText.Number(words[12]));
            to.End();
        }
    }

    internal static void WriteNetwork(string path, TelegrafRecords to)
    {
        if (!File.Exists(path))
        {
            return;
        }

        foreach (string line in File.ReadLines(path))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            string[] words = colon < 0 ? [] : ProcText.Words(line[(colon + 1)..]);
            if (words.Length < 16)
            {
                continue;
            }

            string name = line[..colon].Trim();
            to.Begin("net", $"net/{name}", new KeyValuePair<string, string>("interface", name));
            to.Field("bytes_recv", ProcText.Number(words[0]));
            to.Field("packets_recv", ProcText.Number(words[1]));
            to.Field("bytes_sent", ProcText.Number(words[8]));
            to.Field("packets_sent", ProcText.Number(words[9]));
            to.End();
        }
    }

    // Loop devices and memory disks do what another disk, or none, is seen to do.
    static bool IsPretended(string disk) =>
        disk.StartsWith("loop", StringComparison.Ordinal)
        || disk.StartsWith("ram", StringComparison.Ordinal)
        || disk.StartsWith("zram", StringComparison.Ordinal);
}
