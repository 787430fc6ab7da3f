using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using StreamForecaster.Forecasting;
using StreamForecaster.Grouping;
using StreamForecaster.Scoring;

namespace StreamForecaster.Benchmarks;

/// <summary>
/// <c>nab --data DIR --windows FILE [--out DIR] [--profile lean|full]</c>: drives the anomaly scorer row by row over
/// benchmark files, without a forecaster, and prints the three figures and the time a row takes.
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

        var windows = JsonSerializer.Deserialize<SortedDictionary<string, string[][]>>(File.ReadAllText(labels))!;
        var files = windows.Select(entry => NabFile.Read(data, entry.Key, entry.Value)).ToArray();
        var profile = Enum.Parse<SeriesProfile>(Option(args, "--profile") ?? nameof(SeriesProfile.Lean), ignoreCase: true);
        var scorer = new AnomalyScorer(new ScoreOptions { Profile = profile });
        var scores = files.Select(file => Score(scorer, file)).ToArray();

        // The second pass runs compiled code, and counts processor time: others may be on the machine.
        var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        scores = [.. files.Select(file => Score(scorer, file))];
        process.Refresh();
        var microseconds = (process.TotalProcessorTime - before).TotalMicroseconds / scores.Sum(column => column.Length);
        foreach (var figure in NabScoring.Evaluate(files, scores))
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{figure.Profile,-9} {figure.Score,6:F2}  threshold {figure.Threshold:F4}  windows {figure.Hit}/{figure.Windows}  false {figure.False}"));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{profile}: {scorer.StateBytes} bytes a series, {microseconds:F2} µs a row"));
        if (Option(args, "--out") is { } results)
        {
            Write(results, files, scores);
        }

        return 0;
    }

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
