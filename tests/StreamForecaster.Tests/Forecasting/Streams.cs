namespace StreamForecaster.Tests.Forecasting;

/// <summary>Seeded synthetic series.</summary>
static class Streams
{
    public static double Gaussian(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    public static double[] Noise(int count, int seed)
    {
        var random = new Random(seed);
        return Make(count, _ => Gaussian(random));
    }

    public static double[] Autoregression(int count, double coefficient, int seed)
    {
        var random = new Random(seed);
        var x = 0.0;
        return Make(count, _ => x = (coefficient * x) + Gaussian(random));
    }

    public static double[] Season(int count, int period, double noise, int seed)
    {
        var random = new Random(seed);
        return Make(count, i => 100 + (10 * Math.Sin(2 * Math.PI * i / period)) + (5 * Math.Cos(4 * Math.PI * i / period)) + (noise * Gaussian(random)));
    }

    public static double[] Make(int count, Func<int, double> value) => [.. Enumerable.Range(0, count).Select(value)];
}
