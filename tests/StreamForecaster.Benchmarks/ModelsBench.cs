using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace StreamForecaster.Benchmarks;

/// <summary>
/// <c>models [--json FILE] [--rounds N] [--graph]</c>: the model library's speed beside PyTorch's, in interleaved rounds, on one
/// and on two cores, with the share of the machine's measured peak; with --graph beside our own graph engine's, on one core.
/// </summary>
static class ModelsBench
{
    const int RoundMilliseconds = 200;

    static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    sealed record Row(
        string Work, int Hidden, int Batch, double Ours, double OursMedian, double? Peer, double? Ratio, string Unit, double Gflops, double ShareOfPeak);

    internal static int Run(string[] args)
    {
        var rounds = int.Parse(Option(args, "--rounds") ?? "7", CultureInfo.InvariantCulture);
        var graph = args.Contains("--graph", StringComparer.Ordinal);
        using var peer = graph ? null : TorchPeer.Start();
        Console.WriteLine("cores  work            hidden  batch         ours       median         peer   ratio  unit        GFLOP/s  share of peak");
        List<Row> one = [], two = [];
        foreach (var work in ModelsWork.All)
        {
            var rows = Measure(work, rounds, peer, graph);
            one.Add(rows[0]);
            two.AddRange(rows.Skip(1));
        }

        if (Option(args, "--json") is { } path)
        {
            File.WriteAllText(path, JsonSerializer.Serialize(new { OneCore = one, TwoCores = two }, Json) + "\n");
        }

        return 0;
    }

    static string? Option(string[] args, string name)
    {
        var at = Array.IndexOf(args, name);
        return at >= 0 && at + 1 < args.Length ? args[at + 1] : null;
    }

    /// <summary>The work on one core, and unless it is for the graph engine's sake on two, all in the same rounds.</summary>
    static Row[] Measure(ModelsWork work, int rounds, TorchPeer? peer, bool graph)
    {
        int[] cores = graph ? [1] : [1, 2];
        Action[] callers = [.. Enumerable.Range(1, cores[^1]).Select(seed => work.NewCaller(seed, graph: false))];
        Action[] reference = graph ? [work.NewCaller(1, graph: true)] : [];
        List<Timing>[] ours = [.. cores.Select(_ => new List<Timing>())], theirs = [.. cores.Select(_ => new List<Timing>())];
        double peak = 0;
        for (var round = 0; round < rounds; round++)
        {
            peak = Math.Max(peak, FmaPeak.Measure());
            for (var i = 0; i < cores.Length; i++)
            {
                ours[i].Add(Time(callers[..cores[i]]));
                if (graph)
                {
                    theirs[i].Add(Time(reference));
                }
                else if (peer?.Measure(work, cores[i], RoundMilliseconds) is { } timing)
                {
                    theirs[i].Add(timing);
                }
            }
        }

        return [.. cores.Select((count, i) => NewRow(work, count, ours[i], theirs[i], count * peak))];
    }

    static Row NewRow(ModelsWork work, int cores, List<Timing> ours, List<Timing> theirs, double peak)
    {
        var best = work.Figure(ours.Min(t => t.Best), cores);
        var median = work.Figure(ours.Select(t => t.Median).Order().ElementAt(ours.Count / 2), cores);
        double? other = theirs.Count == 0 ? null : work.Figure(theirs.Min(t => t.Best), 1);
        double? ratio = other is null ? null : work.IsTime ? other / best : best / other;
        var gflops = work.Flops * (work.IsTime ? 1e6 / best : best) / 1e9;
        Row row = new(work.Name, work.Hidden, work.Batch, best, median, other, ratio, work.Unit, gflops, gflops / peak);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{cores,5}  {row.Work,-15} {row.Hidden,6} {row.Batch,6} {row.Ours,12:N1} {row.OursMedian,12:N1} {row.Peer,12:N1} {row.Ratio,7:F1}  {row.Unit,-10} {row.Gflops,8:F1}  {row.ShareOfPeak,8:P0} of {peak:F0}"));
        return row;
    }

    /// <summary>Each caller on a thread of its own. Short bursts: between the time slices of others there is a clean one.</summary>
    static Timing Time(Action[] callers)
    {
        foreach (var call in callers)
        {
            call();
        }

        var clock = Stopwatch.StartNew();
        callers[0]();
        var calls = (int)Math.Clamp(.002 / clock.Elapsed.TotalSeconds, 1, 1000);
        var bursts = (int)Math.Clamp(RoundMilliseconds / 1000.0 / (calls * clock.Elapsed.TotalSeconds), 3, 200);
        var times = new double[bursts];
        for (var burst = 0; burst < bursts; burst++)
        {
            times[burst] = Burst(callers, calls) / calls;
        }

        Array.Sort(times);
        return new Timing(times[0], times[bursts / 2]);
    }

    static double Burst(Action[] callers, int calls)
    {
        if (callers.Length == 1)
        {
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < calls; i++)
            {
                callers[0]();
            }

            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        using Barrier barrier = new(callers.Length);
        var spans = new (long From, long To)[callers.Length];
        Thread[] threads = [.. callers.Select((call, i) => new Thread(() => spans[i] = Repeat(call, calls, barrier)))];
        foreach (var thread in threads)
        {
            thread.Start();
        }

        foreach (var thread in threads)
        {
            thread.Join();
        }

        return Stopwatch.GetElapsedTime(spans.Min(s => s.From), spans.Max(s => s.To)).TotalSeconds;
    }

    static (long From, long To) Repeat(Action call, int calls, Barrier barrier)
    {
        barrier.SignalAndWait();
        var from = Stopwatch.GetTimestamp();
        for (var i = 0; i < calls; i++)
        {
            call();
        }

        return (from, Stopwatch.GetTimestamp());
    }
}
