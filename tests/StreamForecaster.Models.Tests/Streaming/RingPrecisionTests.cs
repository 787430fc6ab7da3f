using System.Globalization;

namespace StreamForecaster.Models.Tests.Streaming;

/// <summary>What a ring's precision costs: the table in docs/MODELS.md (<c>-class '*RingPrecisionTests' -showLiveOutput</c> prints it).</summary>
public sealed class RingPrecisionTests
{
    const int Steps = 200, Models = 5;

    [Theory]
    [InlineData(RingPrecision.Float32, 2e-6)]
    [InlineData(RingPrecision.Q15, 1e-4)]
    [InlineData(RingPrecision.Half, 1e-4)]
    [InlineData(RingPrecision.BFloat16, 1e-3)]
    public void Output_OfFiveModelsACell_DiffersByNoMoreThanTheRingsBits(RingPrecision ring, double most)
    {
        foreach (EncoderKind encoder in (EncoderKind[])[EncoderKind.Gru, EncoderKind.Lstm, EncoderKind.RnnRelu])
        {
            if (ring == RingPrecision.Q15 && encoder == EncoderKind.RnnRelu) continue;
            (double difference, double largest) = Measured(encoder, ring);
            TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{ring} {encoder}: {difference:0.0e-0}, outputs up to {largest:F2}"));
            Assert.InRange(difference, 0, most);
        }
    }

    /// <summary>The largest difference to the windowed form after uniform noise, hidden 32, lookback 64.</summary>
    static (double Difference, double Largest) Measured(EncoderKind encoder, RingPrecision ring)
    {
        double difference = 0, largest = 0;
        for (int seed = 1; seed <= Models; seed++)
        {
            ModelSpec spec = new() { Encoder = encoder, Inputs = 6 };
            Forecaster model = Forecaster.Create(spec, seed, new Initialization { HeadScale = 1 });
            StreamingForecaster stream = new(model, ring);
            SeededRandom random = new((ulong)seed);
            float[] inputs = new float[Steps * 6], streamed = new float[spec.OutputSize], windowed = new float[spec.OutputSize];
            foreach (ref float input in inputs.AsSpan()) input = (float)(2 * random.NextUniform() - 1);
            using Cases.Blocks blocks = new Cases.Blocks(1, stream.StateBytes).Clear();
            for (int t = 0; t < Steps; t++) stream.Step(blocks.Addresses, inputs.AsSpan(t * 6, 6), streamed);
            model.Predict(1, inputs, [], windowed);
            difference = Math.Max(difference, windowed.Zip(streamed).Max(p => Math.Abs((double)p.First - p.Second)));
            largest = Math.Max(largest, windowed.Max(Math.Abs));
        }
        return (difference, largest);
    }
}
