using StreamForecaster.Scoring;

namespace StreamForecaster.Tests.Scoring;

public sealed class ShapeMemoryTests
{
    const int Length = 24;
    const int Delay = 60;

    [Fact]
    public void Observe_BeforeThePlacesAreFull_IsTheDistanceToTheNearestWindowSoFar()
    {
        var memory = default(ShapeMemory);
        var codes = new List<int>();
        var windows = new List<int[]>();
        var step = 0u;
        foreach (var value in Streams.Autoregressive(7, 240, 0.9))
        {
            // μ = 0 and σ = 1 whenever it looks: the codes never change.
            var distance = memory.Observe(value, step, mean: 0, deviation: 1);
            codes.Add((int)Math.Clamp(Math.Round(3 * Math.Asinh(value)), -7, 7));
            if (step >= Length + Delay)
            {
                var now = codes[^Length..];
                Assert.Equal(windows.Count == 0 ? 0 : windows.Min(window => Apart(window, now)), distance);
                if (step % 5 == 0)
                {
                    windows.Add([.. codes[^(Length + Delay)..^Delay]]);
                }
            }

            step++;
        }

        Assert.InRange(windows.Count, 30, 32);
    }

    static int Apart(IEnumerable<int> x, IEnumerable<int> y) => x.Zip(y, (a, b) => Math.Abs(a - b)).Sum();
}
