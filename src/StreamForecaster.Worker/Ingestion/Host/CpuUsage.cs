namespace StreamForecaster.Worker.Ingestion.Host;

/// <summary>The share of time that each core spends in each mode, in percent, as Telegraf's cpu plugin gives it.</summary>
sealed class CpuUsage(string path)
{
    // In the order of the columns of /proc/stat.
    static readonly string[] Modes =
    [
        "usage_user", "usage_nice", "usage_system", "usage_idle", "usage_iowait", "usage_irq", "usage_softirq", "usage_steal",
        "usage_guest", "usage_guest_nice",
    ];

    const int User = 0;
    const int Nice = 1;
    const int Guest = 8;
    const int GuestNice = 9;

    readonly Dictionary<string, double[]> _before = new(StringComparer.Ordinal);

    internal void Write(TelegrafRecords to)
    {
        foreach (string line in File.ReadLines(path))
        {
            string[] words = ProcText.Words(line);
            if (words.Length < 9 || !words[0].StartsWith("cpu", StringComparison.Ordinal))
            {
                continue;
            }

            string core = words[0] is "cpu" ? "cpu-total" : words[0];
            double[] now = Times(words);
            if (_before.TryGetValue(core, out double[]? before))
            {
                Write(to, core, before, now);
            }

            _before[core] = now;
        }
    }

    // The kernel counts guests twice, in user and nice too: they are taken out there.
    static double[] Times(string[] words)
    {
        double[] times = new double[Modes.Length];
        for (int i = 0; i < times.Length && i + 1 < words.Length; i++)
        {
            times[i] = ProcText.Number(words[i + 1]);
        }

        times[User] -= times[Guest];
        times[Nice] -= times[GuestNice];
        return times;
    }

    static void Write(TelegrafRecords to, string core, double[] before, double[] now)
    {
        double total = now.Sum() - before.Sum();
        if (total <= 0)
        {
            return;
        }

        to.Begin("cpu", core, new KeyValuePair<string, string>("cpu", core));
        for (int i = 0; i < Modes.Length; i++)
        {
            // Idle and waiting times go back by a tick now and then.
            to.Field(Modes[i], Math.Max(0, 100 * (now[i] - before[i]) / total));
        }

        to.End();
    }
}
