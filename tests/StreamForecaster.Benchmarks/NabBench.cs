using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using StreamForecaster.Forecasting;
using StreamForecaster.Grouping;
using StreamForecaster.Scoring;

namespace StreamForecaster.Benchmarks;

/// <summary>
/// <c>nab --data DIR --windows FILE [--stress DIR] [--out DIR] [--profile lean|full]</c>: drives the anomaly scorer row by row over
/// benchmark files, without a forecaster, and prints for full and lean (or for one of them) the three figures, the same with each folder of
/// files scored at the thresholds of the others, the time a row takes, and for the files that nab_stress.py wrote the figures at their own
/// thresholds and at those of the first.
/// </summary>
static class NabBench
{
    internal static int Run(string[] args)
    {
        if (Option(args, "--data") is not { } data || Option(args, "--windows") is not { } labels)
        {
            Console.Error.WriteLine("nab: --data DIR and --windows FILE are needed");
            return 2;
        }

        NabFile[] files = Files(data, labels);
        NabFile[] stress = Option(args, "--stress") is { } folder ? Files(Path.Combine(folder, "data"), Path.Combine(folder, "windows.json")) : [];
        SeriesProfile[] profiles = Option(args, "--profile") is { } name ? [Enum.Parse<SeriesProfile>(name, ignoreCase: true)] : [SeriesProfile.Full, SeriesProfile.Lean];
        foreach (SeriesProfile profile in profiles)
        {
            Run(profile, files, stress, Option(args, "--out"));
        }

        return 0;
    }

    static void Run(SeriesProfile profile, NabFile[] files, NabFile[] stress, string? results)
    {
        var scorer = new AnomalyScorer(new ScoreOptions { Profile = profile });
        var scores = files.Select(file => Score(scorer, file)).ToArray();

        // The second pass runs compiled code, and counts processor time: others may be on the machine.
        var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        scores = [.. files.Select(file => Score(scorer, file))];
        process.Refresh();
        var microseconds = (process.TotalProcessorTime - before).TotalMicroseconds / scores.Sum(column => column.Length);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{profile}: {scorer.StateBytes} bytes a series, {microseconds:F2} µs a row"));
        var own = NabScoring.Evaluate(files, scores);
        Print($"{files.Length} files", own);
        PrintFoldersLeftOut(files, scores);
        if (stress.Length > 0)
        {
            var stressed = stress.Select(file => Score(scorer, file)).ToArray();
            Print($"stress, {stress.Length} files", NabScoring.Evaluate(stress, stressed));
            Print("stress at those thresholds", NabScoring.Evaluate(stress, stressed, [.. own.Select(figure => figure.Threshold)]));
        }

        if (results is not null)
        {
            Write(results, files, scores);
        }
    }

    static NabFile[] Files(string data, string labels) =>
        [.. JsonSerializer.Deserialize<SortedDictionary<string, string[][]>>(File.ReadAllText(labels))!.Select(entry => NabFile.Read(data, entry.Key, entry.Value))];

    static void Print(string what, NabScoring.Figure[] figures)
    {
        foreach (var figure in figures)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  {what,-28}{figure.Profile,-9} {figure.Score,6:F2}  threshold {figure.Threshold:F4}  windows {figure.Hit}/{figure.Windows}  false {figure.False}"));
        }
    }

    /// <summary>Each folder at the thresholds of the files outside it; the mean over folders, by their windows.</summary>
    static void PrintFoldersLeftOut(NabFile[] files, double[][] scores)
    {
        var (sums, windows) = (new double[3], 0);
        foreach (var folder in files.Select(Folder).Distinct(StringComparer.Ordinal))
        {
            var inside = Enumerable.Range(0, files.Length).Where(i => Folder(files[i]) == folder).ToArray();
            var outside = Enumerable.Range(0, files.Length).Except(inside).ToArray();
            var fitted = NabScoring.Evaluate([.. outside.Select(i => files[i])], [.. outside.Select(i => scores[i])]);
            var held = NabScoring.Evaluate([.. inside.Select(i => files[i])], [.. inside.Select(i => scores[i])], [.. fitted.Select(figure => figure.Threshold)]);
            for (var i = 0; held[0].Windows > 0 && i < held.Length; i++)
            {
                sums[i] += held[i].Score * held[i].Windows;
            }

            windows += held[0].Windows;
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  each folder at the others' thresholds: standard {sums[0] / windows:F2}, low FP {sums[1] / windows:F2}, low FN {sums[2] / windows:F2}"));
    }

    static string Folder(NabFile file) => file.Name[..Math.Max(0, file.Name.IndexOf('/', StringComparison.Ordinal))];

    static string? Option(string[] args, string name)
    {
        var at = Array.IndexOf(args, name);
        return at >= 0 && at + 1 < args.Length ? args[at + 1] : null;
    }

    static double[] Score(AnomalyScorer scorer, NabFile file)
    {
        var state = new byte[scorer.StateBytes];
        scorer.Initialize(state);
        var scores = new double[file.Values.Length];
        for (var i = 0; i < scores.Length; i++)
        {
            var evidence = new StepEvidence(file.Values[i], default(HorizonBand), false, file.Times[i], false, false);
            scores[i] = scorer.Score(state, evidence).AlarmScore;
        }

        return scores;
    }

    static void Write(string folder, NabFile[] files, double[][] scores)
    {
        foreach (var (file, column) in files.Zip(scores))
        {
            var path = Path.Combine(folder, file.Name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllLines(path, column
                .Select((score, i) => FormattableString.Invariant($"{file.Stamps[i]},{file.Values[i]:R},{score:R}"))
                .Prepend("timestamp,value,anomaly_score"));
        }
    }
}
