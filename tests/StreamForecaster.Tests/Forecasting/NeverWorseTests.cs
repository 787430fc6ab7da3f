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
            foreach (var name in new[] { "noise", "walk", "autoregression", "season", "steps", "heavy tails", "ramp", "regimes" })
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
            _ => Streams.Make(count, i => x = i / 500 % 2 == 0 ? (0.95 * x) + Streams.Gaussian(random) : 3 * Streams.Gaussian(random)),
        };
    }
}
