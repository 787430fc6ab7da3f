using StreamForecaster.Backtesting;
using StreamForecaster.Windowing;

namespace StreamForecaster.Benchmarks;

/// <summary>
/// Streams of the kinds that operators have, made from a seed: what is tuned on files of one kind is tried here on the others. Each
/// family has <see cref="Variants"/> of different strength, five minutes a row, a day of 288.
/// </summary>
static class GeneratedStreams
{
    const int Rows = 4_032;
    const int Day = 288;
    const int Variants = 5;
    const long StepNs = 300_000_000_000;

    static readonly double[] SpikeRates = [1 / 2000.0, 1 / 1000.0, 1 / 400.0, 1 / 150.0, 1 / 50.0];

    static readonly (string Name, Func<Random, int, Func<int, double>> Make)[] Families =
    [
        ("noise", static (random, variant) => _ => 50 + Gaussian(random)),
        ("noise with spikes", static (random, variant) => _ => Gaussian(random) + Spike(random, SpikeRates[variant])),
        ("correlated with spikes", static (random, variant) => Correlated(random, 0.9, SpikeRates[variant])),
        ("constant with spikes", static (random, variant) => _ => 3 + Math.Round(0.6 * Gaussian(random)) + Math.Max(0, Spike(random, SpikeRates[variant]))),
        ("huge spikes", static (random, variant) => _ => Gaussian(random) + (30 * Spike(random, SpikeRates[variant]))),
        ("day with spikes", static (random, variant) => row => (8 * Daily(row)) + Gaussian(random) + Spike(random, SpikeRates[variant])),
        ("counts", static (random, variant) => row => Poisson(random, (1 + Daily(row)) * Math.Pow(4, variant - 1))),
        ("autoregression", static (random, variant) => Correlated(random, 0.5 + (0.12 * variant), 0)),
        ("walk", static (random, _) => Correlated(random, 1, 0)),
        ("day", static (random, variant) => row => (Math.Pow(3, variant - 1) * Daily(row)) + Gaussian(random)),
        ("level shifts", static (random, variant) => Levels(random, SpikeRates[variant], 1)),
        ("steps", static (random, variant) => Levels(random, SpikeRates[variant], 0)),
        ("bursts", static (random, variant) => Bursts(random, 20 * (variant + 1))),
        ("shots", static (random, variant) => Shots(random, SpikeRates[variant])),
        ("heavy tails", static (random, variant) => _ => StudentOfTwo(random)),
        ("sawtooth", static (random, variant) => Sawtooth(random, 20 << variant)),
        ("whole numbers", static (random, variant) => WholeNumbers(random, 0.2 * (variant + 1))),
    ];

    /// <summary>All streams of a seed.</summary>
    internal static SeriesTable Make(int seed)
    {
        List<string> names = [];
        List<double[]> columns = [];
        for (int family = 0; family < Families.Length; family++)
        {
            for (int variant = 0; variant < Variants; variant++)
            {
                Random random = new((seed * 10_000) + (family * 100) + variant);
                Func<int, double> next = Families[family].Make(random, variant);
                names.Add($"{Families[family].Name} {variant + 1}");
                columns.Add([.. Enumerable.Range(0, Rows).Select(next)]);
            }
        }

        CalendarClock clock = new(TimeZoneInfo.Utc);
        return new([.. names], [.. columns], [.. Enumerable.Range(0, Rows).Select(row => clock.At(row, StepNs))]);
    }

    static double Gaussian(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    /// <summary>Mostly 0; at this rate 5 to 100 deviations, three of four upwards.</summary>
    static double Spike(Random random, double rate) =>
        random.NextDouble() >= rate ? 0 : 5 * Math.Pow(20, random.NextDouble()) * (random.Next(4) > 0 ? 1 : -1);

    static double Daily(int row) => Math.Sin(2 * Math.PI * row / Day) + (0.4 * Math.Cos(4 * Math.PI * row / Day));

    static double Poisson(Random random, double mean)
    {
        if (mean > 50)
        {
            return Math.Round(mean + (Math.Sqrt(mean) * Gaussian(random)));
        }

        int count = 0;
        for (double product = random.NextDouble(), least = Math.Exp(-Math.Max(mean, 0)); product > least; product *= random.NextDouble())
        {
            count++;
        }

        return count;
    }

    static Func<int, double> Correlated(Random random, double coefficient, double spikes)
    {
        double x = 0;
        return _ =>
        {
            x = (coefficient * x) + Gaussian(random);
            return x + Spike(random, spikes);
        };
    }

    static Func<int, double> Levels(Random random, double rate, double noise)
    {
        double level = 0;
        return _ =>
        {
            level = random.NextDouble() < rate ? 20 * Gaussian(random) : level;
            return level + (noise * Gaussian(random));
        };
    }

    /// <summary>Idle and nearly constant, then busy for some rows at another scale.</summary>
    static Func<int, double> Bursts(Random random, int idle)
    {
        int left = 0;
        return _ =>
        {
            left = left > 0 ? left - 1 : random.Next(idle) == 0 ? random.Next(1, 1 + (idle / 4)) : 0;
            return left > 0 ? 60 + (10 * Gaussian(random)) : 0.1 + (0.002 * random.Next(-1, 2));
        };
    }

    /// <summary>Counts of what many people speak of now and then: a jump that fades over some rows.</summary>
    static Func<int, double> Shots(Random random, double rate)
    {
        double excess = 0;
        return _ =>
        {
            excess = (0.8 * excess) + Math.Abs(Spike(random, rate));
            return Poisson(random, 4 + (4 * excess));
        };
    }

    static double StudentOfTwo(Random random) => Gaussian(random) / Math.Sqrt(-Math.Log(1 - random.NextDouble()));

    /// <summary>What fills and is emptied, like a heap.</summary>
    static Func<int, double> Sawtooth(Random random, int rows)
    {
        double x = 0;
        return _ => x = random.Next(rows) == 0 ? 0 : x + 1 + (0.2 * Gaussian(random));
    }

    /// <summary>A slow walk, told in whole numbers: most rows repeat the one before.</summary>
    static Func<int, double> WholeNumbers(Random random, double step)
    {
        double x = 40;
        return _ =>
        {
            x += (step * Gaussian(random)) - (0.01 * (x - 40));
            return Math.Round(x);
        };
    }
}
