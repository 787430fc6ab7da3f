using StreamForecaster.Forecasting;
using StreamForecaster.Grouping;

namespace StreamForecaster.Tests.Forecasting;

/// <summary>The mixture's median pinball loss against that of the best expert, chosen afterwards.</summary>
public sealed class NeverWorseTests
{
    public static TheoryData<string, SeriesProfile> Cases
    {
        get
        {
            var cases = new TheoryData<string, SeriesProfile>();
            string[] names =
            [
                "noise", "walk", "autoregression", "season", "steps", "heavy tails", "ramp", "regimes",
                "exact season with spikes", "counts", "rare counts", "changing variance", "bursts", "noisy steps", "sawtooth", "writes",
                "spikes", "huge spikes", "spikes on few values",
            ];
            foreach (var name in names)
            {
                cases.Add(name, SeriesProfile.Full);
                cases.Add(name, SeriesProfile.Lean);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Mixture_AgainstTheBestExpertInHindsight_IsHardlyWorse(string stream, SeriesProfile profile)
    {
        const int WarmUp = 600;
        var values = Stream(stream, 3_000);
        var run = new SeriesRun(new MixtureOptions { Profile = profile });
        var opinions = new double[run.Mixture.Experts.Length];
        var losses = new double[opinions.Length];
        double mixture = 0;
        for (var i = 0; i + 1 < values.Length; i++)
        {
            run.Step(values[i]);
            if (i < WarmUp)
            {
                continue;
            }

            run.Mixture.Opinions(run.State, 1, opinions);
            for (var k = 0; k < opinions.Length; k++)
            {
                losses[k] += double.IsNaN(opinions[k]) ? double.PositiveInfinity : Math.Abs(opinions[k] - values[i + 1]) / 2;
            }

            mixture += Math.Abs(run.Bands[0].Yhat - values[i + 1]) / 2;
        }

        var sorted = values.Order().ToArray();
        var range = sorted[sorted.Length * 3 / 4] - sorted[sorted.Length / 4];
        var count = values.Length - 1 - WarmUp;
        var best = losses.Min() / count;
        Assert.True(mixture / count <= (1.02 * best) + (0.001 * range), $"{mixture / count} against {run.Mixture.Experts[Array.IndexOf(losses, losses.Min())]} {best}");
    }

    static double[] Stream(string name, int count)
    {
        var random = new Random(77);
        double x = 0, level = 0;
        return name switch
        {
            "noise" => Streams.Noise(count, 71),
            "walk" => Streams.Make(count, _ => x += Streams.Gaussian(random)),
            "autoregression" => Streams.Autoregression(count, 0.8, 72),
            "season" => Streams.Season(count, 24, 1, 73),
            "steps" => Streams.Make(count, _ => random.Next(50) == 0 ? level = random.Next(10) : level),
            "heavy tails" => Streams.Make(count, _ => x = (0.5 * x) + (Streams.Gaussian(random) / Math.Abs(Streams.Gaussian(random)))),
            "ramp" => Streams.Make(count, i => (0.3 * i) + Streams.Gaussian(random)),
            "exact season with spikes" => Streams.Make(count, i => 20 + (i % 96 > 40 ? 30 : 0) + (i % 96 * 0.1) + (random.Next(300) == 0 ? random.Next(20, 300) : 0)),
            "counts" => Streams.Make(count, i => Enumerable.Range(0, 12).Count(_ => random.NextDouble() < 0.3 + (0.2 * Math.Sin(2 * Math.PI * i / 288)))),
            "rare counts" => Streams.Make(count, _ => random.Next(10) > 0 ? 0 : random.Next(1, 21)),
            "changing variance" => Streams.Make(count, _ => 10 + (Math.Exp(x = (0.98 * x) + (0.3 * Streams.Gaussian(random))) * Streams.Gaussian(random))),
            "bursts" => Streams.Make(count, _ => Burst(random, ref level)),
            "noisy steps" => Streams.Make(count, _ => (level = random.Next(100) == 0 ? 10 * Streams.Gaussian(random) : level) + (0.1 * Streams.Gaussian(random))),
            "sawtooth" => Streams.Make(count, _ => x = random.Next(50) == 0 ? 0 : x + 1 + (0.01 * Streams.Gaussian(random))),
            "spikes" => Streams.Make(count, _ => Streams.Gaussian(random) + Spike(random, 50)),
            "huge spikes" => Streams.Make(count, _ => Streams.Gaussian(random) + (30 * Spike(random, 100))),
            "spikes on few values" => Streams.Make(count, _ => 3 + Math.Round(0.6 * Streams.Gaussian(random)) + Math.Abs(Spike(random, 100))),
            "writes" => Streams.Make(count, _ => random.Next(7) > 0 ? 0 : -1e6 * Math.Log(1 - random.NextDouble())),
            _ => Streams.Make(count, i => x = i / 500 % 2 == 0 ? (0.95 * x) + Streams.Gaussian(random) : 3 * Streams.Gaussian(random)),
        };
    }

    /// <summary>One row of so many is 5 to 100 away.</summary>
    static double Spike(Random random, int rows) =>
        random.Next(rows) > 0 ? 0 : 5 * Math.Pow(20, random.NextDouble()) * (random.Next(4) > 0 ? 1 : -1);

    /// <summary>Nearly constant, with bursts of a few steps at another scale.</summary>
    static double Burst(Random random, ref double left)
    {
        left = left > 0 ? left - 1 : random.Next(25) == 0 ? random.Next(1, 8) : 0;
        return left > 0 ? random.Next(50, 100) : 0.1 + (0.002 * random.Next(-1, 2));
    }
}
