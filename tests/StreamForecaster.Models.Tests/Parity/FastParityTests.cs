using StreamForecaster.Models.Engines;

namespace StreamForecaster.Models.Tests.Parity;

/// <summary>The fast engine itself on PyTorch's files: at sizes and batches that its tiles cut into whole ones and rests, windows and streams.</summary>
public sealed class FastParityTests
{
    public static TheoryData<string> Names => [.. GoldenCase.Each.Select(c => c.Name).Where(name => name.StartsWith("fast engine", StringComparison.Ordinal))];

    [Theory, MemberData(nameof(Names))]
    public void Forward_GradientsAnd20Steps_AreTheFastEnginesAndEqualPyTorch(string name)
    {
        GoldenCase golden = GoldenCase.Named(name);
        Assert.SkipUnless(FastWeights.Cover(new() { HiddenSize = 16 }), "no vectors of eight here");
        ManagedEngine engine = new();
        Forecaster model = golden.NewModel();
        Assert.IsType<FastWindows>(engine.Windows(golden.Spec, model.Weights));
        Assert.IsType<FastGradients>(engine.Gradients(golden.Spec, model.Weights, model.Weights.NewZeros(), golden.Options));
        Distance distance = Distance.Of(golden, engine);
        Assert.InRange(distance.Forward, 0, 1e-5);
        Assert.InRange(distance.Gradient, 0, 1e-4);
        Assert.InRange(distance.Loss, 0, 1e-4);
    }

    /// <summary>The rows of a case as series, stepped through their windows: the last forecast is PyTorch's of the whole window.</summary>
    [Theory, MemberData(nameof(Names))]
    public void Streams_SteppedThroughTheWindows_GiveThatOutput(string name)
    {
        GoldenCase golden = GoldenCase.Named(name);
        ModelSpec spec = golden.Spec;
        Assert.SkipUnless(FastWeights.Cover(spec), "no vectors of eight here");
        StreamLayout layout = new(spec, RingPrecision.Q15);
        FastStreams stream = Assert.IsType<FastStreams>(ManagedEngine.Streams(spec, golden.NewModel().Weights, layout));
        using Cases.Blocks blocks = new Cases.Blocks(golden.Batch, layout.Bytes).Clear();
        float[] inputs = new float[golden.Batch * spec.Inputs], output = new float[golden.Output.Length];
        for (int step = 0; step < spec.Lookback; step++)
        {
            for (int row = 0; row < golden.Batch; row++)
                golden.Inputs.AsSpan((row * spec.Lookback + step) * spec.Inputs, spec.Inputs).CopyTo(inputs.AsSpan(row * spec.Inputs));
            stream.Step(blocks.Addresses, inputs, [], output);
        }
        for (int i = 0; i < output.Length; i++) Assert.Equal(golden.Output[i], output[i], 1e-4);
    }

    [Fact]
    public void Cases_OfTheFastEngine_AreThere() => Assert.Equal(3, Names.Count);
}
