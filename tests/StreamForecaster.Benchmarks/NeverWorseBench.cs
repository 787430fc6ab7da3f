using System.Globalization;
using StreamForecaster.Backtesting;
using StreamForecaster.Grouping;
using StreamForecaster.Worker.Commands.Backtests;

namespace StreamForecaster.Benchmarks;

/// <summary>
/// <c>never-worse PATH...|--generated SEED [--warm-up ROWS]</c>: the mixture beside the best single expert chosen afterwards, one step
/// ahead, on every column of CSV files (or of all files below a folder) or on <see cref="GeneratedStreams"/>, full beside lean, the worst
/// first. The bound is 1.02 × the best one's mean pinball loss of the median + 0.001 × the column's interquartile range. Then the bands:
/// <see cref="CoverageTable"/>.
/// </summary>
static class NeverWorseBench
{
    const int WarmUpMax = 750;
    const double WarmUpShare = 0.15;
    const int Shown = 10;

    /// <param name="Name">File and column.</param>
    /// <param name="Loss">The mixture's.</param>
    /// <param name="Best">The best expert's.</param>
    /// <param name="Allowed">1.02 × the best expert's and the thousandth of the range.</param>
    /// <param name="Expert">Its name.</param>
    readonly record struct Comparison(string Name, double Loss, double Best, double Allowed, string Expert)
    {
        /// <summary>Above 1: worse than allowed.</summary>
        public double Used => Loss == 0 ? 0 : Loss / Allowed;
    }

    internal static int Run(string[] args)
    {
        int warmUp = Number(args, "--warm-up") ?? 0;
        (string Name, SeriesTable Table)[] sources = Number(args, "--generated") is { } seed
            ? [("generated", GeneratedStreams.Make(seed))]
            : [.. args.TakeWhile(static arg => !arg.StartsWith("--", StringComparison.Ordinal)).SelectMany(Files)
                .Select(static file => (Path.GetFileNameWithoutExtension(file), SeriesTableReader.Read(file)))];
        if (sources.Length == 0)
        {
            Console.Error.WriteLine("never-worse: CSV files, folders of them, or --generated SEED are wanted");
            return 2;
        }

        foreach (SeriesProfile profile in new[] { SeriesProfile.Full, SeriesProfile.Lean })
        {
            Comparison[] all = [.. sources.SelectMany(source => Columns(source.Name, source.Table, warmUp, profile)).OrderByDescending(static one => one.Used)];
            Print(profile, all);
            CoverageTable.Print(sources, warmUp, profile);
        }

        return 0;
    }

    static int? Number(string[] args, string option) =>
        Array.IndexOf(args, option) is >= 0 and var at && at + 1 < args.Length ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : null;

    static IEnumerable<string> Files(string path) =>
        Directory.Exists(path) ? Directory.EnumerateFiles(path, "*.csv", SearchOption.AllDirectories).Order(StringComparer.Ordinal) : [path];

    static void Print(SeriesProfile profile, Comparison[] all)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{profile}: {all.Count(static one => one.Used <= 1)} of {all.Length} series within the bound, median ratio {Ratios(all):F3}; the worst:"));
        foreach (Comparison one in all.Take(Shown))
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {one.Name,-60} {one.Loss / one.Best:F3} of {one.Expert} (allowed {one.Allowed / one.Best:F3})"));
        }
    }

    static double Ratios(Comparison[] all)
    {
        double[] sorted = [.. all.Where(static one => one.Best > 0).Select(static one => one.Loss / one.Best).Order()];
        return sorted.Length == 0 ? 1 : sorted[sorted.Length / 2];
    }

    static IEnumerable<Comparison> Columns(string name, SeriesTable table, int warmUp, SeriesProfile profile)
    {
        int from = WarmUp(table, warmUp);
        for (int column = 0; column < table.Columns.Length; column++)
        {
            double[] values = table.Columns[column];
            SeriesTable own = new([table.Names[column]], [values], table.Times);
            ForecastBacktest backtest = new(own, new() { TrainRows = from, OnlineFrom = from, Horizons = [1], Profile = profile, Model = null });
            IReadOnlyList<BacktestLine> lines = backtest.Run();
            BacktestLine mixture = lines.Single(static line => line.Name is "mixture");
            BacktestLine best = lines.Where(static line => line.Name is not "mixture").MinBy(static line => line.Figures.Pinball)!;
            double allowed = (1.02 * best.Figures.Pinball) + (0.001 * Spread(values) / backtest.Units[0]);
            yield return new($"{name} {table.Names[column]}", mixture.Figures.Pinball, best.Figures.Pinball, allowed, best.Name);
        }
    }

    /// <summary>The rows that are not judged: those asked for, else as many as the anomaly benchmark leaves out.</summary>
    internal static int WarmUp(SeriesTable table, int asked) => asked > 0 ? asked : Math.Min((int)(WarmUpShare * table.Rows), WarmUpMax);

    static double Spread(double[] values)
    {
        double[] sorted = [.. values.Where(double.IsFinite).Order()];
        return sorted[sorted.Length * 3 / 4] - sorted[sorted.Length / 4];
    }
}
