namespace StreamForecaster.Tests.Scoring;

/// <summary>Seeded synthetic streams.</summary>
static class Streams
{
    internal static double Gaussian(this Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    internal static IEnumerable<double> Normal(int seed, int count, double mean = 0, double deviation = 1)
    {
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
        {
            yield return mean + (deviation * random.Gaussian());
        }
    }

    internal static IEnumerable<double> Autoregressive(int seed, int count, double memory)
    {
        var x = 0.0;
        foreach (var noise in Normal(seed, count))
        {
            x = (memory * x) + noise;
            yield return x;
        }
    }

    internal static IEnumerable<double> StudentT(int seed, int count, int freedom)
    {
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
        {
            var square = 0.0;
            for (var k = 0; k < freedom; k++)
            {
                square += Math.Pow(random.Gaussian(), 2);
            }

            yield return random.Gaussian() / Math.Sqrt(square / freedom);
        }
    }

    internal static IEnumerable<double> Poisson(int seed, int count, double mean)
    {
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
        {
            var (events, product) = (-1, 1.0);
            do
            {
                events++;
                product *= random.NextDouble();
            }
            while (product > Math.Exp(-mean));
            yield return events;
        }
    }

    internal static IEnumerable<double> Seasonal(int seed, int count, int period) =>
        Normal(seed, count).Select((noise, i) => (5 * Math.Sin(2 * Math.PI * i / period)) + noise);

    /// <summary>Processor load under a job that comes now and then for a few steps.</summary>
    internal static IEnumerable<double> Jobs(int seed, int count)
    {
        var random = new Random(seed);
        var busy = 0;
        for (var i = 0; i < count; i++)
        {
            busy = busy > 0 ? busy - 1 : random.NextDouble() < 0.02 ? random.Next(1, 6) : 0;
            yield return Math.Clamp(busy > 0 ? 60 + (10 * random.Gaussian()) : 10 + (3 * random.Gaussian()), 0, 100);
        }
    }
}
