namespace StreamForecaster.Benchmarks;

/// <summary>
/// The Numenta Anomaly Benchmark's scoring, after its published description (Lavin and Ahmad 2015): one threshold a
/// profile for all files together, chosen to maximise the total.
/// </summary>
static class NabScoring
{
    static readonly (string Name, double FalsePositive, double FalseNegative)[] Profiles =
        [("standard", 0.11, 1), ("low FP", 0.22, 1), ("low FN", 0.11, 2)];

    /// <summary>A profile's figure, and the threshold, windows hit and detections outside windows behind it.</summary>
    internal readonly record struct Figure(string Profile, double Score, double Threshold, int Hit, int Windows, int False);

    readonly record struct Row(double Score, int Window, double Worth);

    /// <summary>The figures of the three profiles for files with one score a row, each at its best threshold, or all at the thresholds given.</summary>
    internal static Figure[] Evaluate(IReadOnlyList<NabFile> files, IReadOnlyList<double[]> scores, double[]? thresholds = null)
    {
        var rows = new List<Row>();
        var windows = 0;
        var reachable = new HashSet<int>();
        for (var i = 0; i < files.Count; i++)
        {
            AddRows(rows, files[i], scores[i], windows, reachable);
            windows += files[i].Windows.Length;
        }

        rows.Sort((a, b) => b.Score.CompareTo(a.Score));
        return [.. Profiles.Select((profile, i) => Sweep(rows, windows, reachable.Count, profile, thresholds?[i]))];
    }

    static void AddRows(List<Row> rows, NabFile file, double[] scores, int firstWindow, HashSet<int> reachable)
    {
        var best = Sigma(-1);
        var next = 0;
        for (var i = 0; i < scores.Length; i++)
        {
            while (next < file.Windows.Length && i > file.Windows[next].Last)
            {
                next++;
            }

            if (i < (int)Math.Min(0.15 * scores.Length, 750))
            {
                continue;
            }

            if (next < file.Windows.Length && i >= file.Windows[next].First)
            {
                var (first, last) = file.Windows[next];
                rows.Add(new Row(scores[i], firstWindow + next, Sigma(-(last - i + 1.0) / (last - first + 1)) / best));
                reachable.Add(firstWindow + next);
            }
            else
            {
                var worth = next == 0
                    ? -1
                    : Sigma((i - file.Windows[next - 1].Last) / (double)(file.Windows[next - 1].Last - file.Windows[next - 1].First));
                rows.Add(new Row(scores[i], -1, worth));
            }
        }
    }

    static Figure Sweep(List<Row> rows, int windows, int reachable, (string Name, double Fp, double Fn) profile, double? given)
    {
        var hit = new Dictionary<int, double>();
        var (truth, lies, falseCount) = (0.0, 0.0, 0);
        var best = (Total: -profile.Fn * reachable, Threshold: double.PositiveInfinity, Hit: 0, False: 0);
        for (var i = 0; i < rows.Count;)
        {
            var threshold = rows[i].Score;
            if (threshold < given)
            {
                break;
            }

            for (; i < rows.Count && rows[i].Score.Equals(threshold); i++)
            {
                var (_, window, worth) = rows[i];
                if (window < 0)
                {
                    lies += worth;
                    falseCount++;
                }
                else if (worth > hit.GetValueOrDefault(window))
                {
                    truth += worth - hit.GetValueOrDefault(window);
                    hit[window] = worth;
                }
            }

            var total = truth + (profile.Fp * lies) - (profile.Fn * (reachable - hit.Count));
            best = total > best.Total || given is not null ? (total, given ?? threshold, hit.Count, falseCount) : best;
        }

        var nothing = -profile.Fn * reachable;
        var score = 100 * (best.Total - nothing) / (windows - nothing);
        return new Figure(profile.Name, score, best.Threshold, best.Hit, windows, best.False);
    }

    static double Sigma(double y) => y > 3 ? -1 : (2 / (1 + Math.Exp(5 * y))) - 1;
}
