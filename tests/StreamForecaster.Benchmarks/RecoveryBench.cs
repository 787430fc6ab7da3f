using System.Globalization;
using StreamForecaster.Forecasting;
using StreamForecaster.Grouping;
using StreamForecaster.Windowing;

namespace StreamForecaster.Benchmarks;

/// <summary>
/// <c>recovery [SERIES]</c>: how fast the mixture adapts. After 2,000 rows a stream changes; the mean absolute error of the one-step forecasts
/// in some stretches of rows after that, over that of the single expert which is best in that very stretch, over many series.
/// </summary>
static class RecoveryBench
{
    const int Before = 2_000;
    const int After = 500;
    const long StepNs = 300_000_000_000;

    static readonly (int From, int To)[] Stretches = [(1, 10), (10, 30), (30, 100), (100, 200), (200, 500)];

    static readonly (string Name, Func<Random, Func<int, double>> Make)[] Changes =
    [
        ("level shift of 10", static random => row => (row < Before ? 0 : 10) + Gaussian(random)),
        ("level shift, correlated", static random => Correlated(random, 0.8, 0.8, 20)),
        ("variance doubles", static random => row => (row < Before ? 1 : Math.Sqrt(2)) * Gaussian(random)),
        ("deviation tenfold", static random => row => (row < Before ? 1 : 10) * Gaussian(random)),
        ("season of 24, then 36", static random => row => (5 * Math.Sin(2 * Math.PI * row / (row < Before ? 24 : 36))) + Gaussian(random)),
        ("season doubles", static random => row => ((row < Before ? 5 : 10) * Math.Sin(2 * Math.PI * row / 24)) + Gaussian(random)),
        ("season ends", static random => row => ((row < Before ? 5 : 0) * Math.Sin(2 * Math.PI * row / 24)) + Gaussian(random)),
        ("noise, then a walk", static random => Correlated(random, 0, 1, 0)),
        ("a walk, then noise", static random => Correlated(random, 1, 0, 0)),
        ("correlated, then noise", static random => Correlated(random, 0.95, 0, 0)),
        ("noise, then a trend", static random => row => (row < Before ? 0 : 0.5 * (row - Before)) + Gaussian(random)),
        ("a trend, then none", static random => row => (row < Before ? 0.5 * row : 0.5 * Before) + Gaussian(random)),
        ("60 rows at 100 times", static random => row => (row is >= Before - 60 and < Before ? 100 : 1) * (10 + Gaussian(random))),
        ("alternates, then correlated", static random => Correlated(random, -0.8, 0.8, 0)),
    ];

    internal static int Run(string[] args)
    {
        var series = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 40;
        foreach (var profile in new[] { SeriesProfile.Full, SeriesProfile.Lean })
        {
            Console.WriteLine($"{profile}: error / best expert's, rows after the change {"",8}{string.Concat(Stretches.Select(static s => $"{$"{s.From}..{s.To - 1}",26}"))}");
            double[][] ratios = [.. Changes.Select(change => Print(change.Name, profile, change.Make, series))];
            var means = Stretches.Select((_, stretch) => Math.Exp(ratios.Average(change => Math.Log(change[stretch]))));
            Console.WriteLine($"  {"geometric mean",-50}{string.Concat(means.Select(static mean => string.Create(CultureInfo.InvariantCulture, $"{mean,8:F3}{"",18}")))}");
        }

        return 0;
    }

    static double[] Print(string name, SeriesProfile profile, Func<Random, Func<int, double>> make, int series)
    {
        var mixture = new ForecastMixture(new MixtureOptions { Profile = profile });
        var experts = new double[Stretches.Length, mixture.Experts.Length];
        var own = new double[Stretches.Length];
        for (var i = 0; i < series; i++)
        {
            Follow(mixture, make(new Random(i + 1)), experts, own);
        }

        Console.Write($"  {name,-50}");
        var ratios = new double[Stretches.Length];
        for (var stretch = 0; stretch < Stretches.Length; stretch++)
        {
            var best = Enumerable.Range(0, mixture.Experts.Length).Where(k => !double.IsNaN(experts[stretch, k])).MinBy(k => experts[stretch, k]);
            ratios[stretch] = own[stretch] / experts[stretch, best];
            Console.Write(string.Create(CultureInfo.InvariantCulture, $"{ratios[stretch],8:F3} of {mixture.Experts[best],-14}"));
        }

        Console.WriteLine();
        return ratios;
    }

    static void Follow(ForecastMixture mixture, Func<int, double> next, double[,] experts, double[] own)
    {
        var state = new byte[mixture.StateBytes];
        mixture.Initialize(state);
        var bands = new HorizonBand[mixture.Horizons];
        var opinions = new double[mixture.Experts.Length];
        var clock = new CalendarClock(TimeZoneInfo.Utc);
        for (var row = 0; row < Before + After; row++)
        {
            var value = next(row);
            for (var stretch = 0; stretch < Stretches.Length; stretch++)
            {
                if (row - Before < Stretches[stretch].From || row - Before >= Stretches[stretch].To)
                {
                    continue;
                }

                own[stretch] += Math.Abs(bands[0].Yhat - value);
                for (var k = 0; k < opinions.Length; k++)
                {
                    experts[stretch, k] += Math.Abs(opinions[k] - value);
                }
            }

            mixture.Observe(state, value, clock.At(row, StepNs), false);
            mixture.Forecast(state, [], bands);
            mixture.Opinions(state, 1, opinions);
        }
    }

    static double Gaussian(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    static Func<int, double> Correlated(Random random, double before, double after, double shift)
    {
        var x = 0.0;
        return row =>
        {
            x = ((row < Before ? before : after) * x) + Gaussian(random);
            return x + (row < Before ? 0 : shift);
        };
    }
}
