using StreamForecaster.Models.Engines;

namespace StreamForecaster.Models.Tests.Engines;

/// <summary>The fast engine against the graph engine, which is held to PyTorch and to finite differences form by form.</summary>
public sealed class FastEngineTests
{
    public static TheoryData<int, int, int, int> Shapes => new()
    {
        // Hidden, inputs, lookback, horizons.
        { 16, 1, 1, 1 }, { 16, 3, 5, 2 }, { 32, 6, 64, 12 }, { 48, 4, 19, 7 }, { 64, 9, 33, 12 }, { 96, 2, 8, 5 },
    };

    static ModelSpec Spec(int hidden, int inputs, int lookback, int horizons) => new()
    {
        HiddenSize = hidden,
        Inputs = inputs,
        Lookback = lookback,
        Horizons = horizons,
        GapInput = inputs > 3 ? 3 : -1,
    };

    static float[] Inputs(ModelSpec spec, int batch, int steps)
    {
        float[] inputs = Cases.Normals(batch * steps * spec.Inputs, 3);
        if (spec.GapInput >= 0)
            for (int i = spec.GapInput; i < inputs.Length; i += spec.Inputs) inputs[i] = i % 3 == 0 ? 1 : 0;
        return inputs;
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Predict_OfCoveredShapes_EqualsTheGraphEngine(int hidden, int inputs, int lookback, int horizons)
    {
        Assert.SkipUnless(FastWeights.Cover(Spec(hidden, inputs, lookback, horizons)), "no vectors of eight here");
        ModelSpec spec = Spec(hidden, inputs, lookback, horizons);
        Forecaster model = Cases.Model(spec);
        FastWindows fast = new(spec, model.Weights);
        GraphWindows graph = new(spec, model.Weights);
        foreach (int batch in (int[])[1, 3, 21])
            foreach (int steps in (int[])[lookback, lookback + 7])
            {
                float[] data = Inputs(spec, batch, steps), got = new float[batch * spec.OutputSize], wanted = new float[batch * spec.OutputSize];
                fast.Predict(batch, steps, data, [], got);
                graph.Predict(batch, steps, data, [], wanted);
                for (int i = 0; i < got.Length; i++) Assert.Equal(wanted[i], got[i], 2e-6 * Math.Max(1, Math.Abs(wanted[i])));
            }
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Gradients_OfCoveredShapes_EqualTheGraphEngine(int hidden, int inputs, int lookback, int horizons)
    {
        ModelSpec spec = Spec(hidden, inputs, lookback, horizons);
        Assert.SkipUnless(FastWeights.Cover(spec), "no vectors of eight here");
        const int Batch = 21;
        Forecaster model = Cases.Model(spec);
        TrainingOptions options = new() { HuberWeight = .3 };
        Weights got = model.Weights.NewZeros(), wanted = model.Weights.NewZeros();
        float[] data = Inputs(spec, Batch, lookback + 5), targets = Cases.Normals(Batch * horizons, 4), rowWeights = [.. Enumerable.Range(0, Batch).Select(i => .5f + i % 3)];
        targets[1] = float.NaN;
        TrainingBatch batch = new() { Count = Batch, Steps = lookback + 5, Inputs = data, Known = [], Targets = targets, SampleWeights = rowWeights };
        double loss = new FastGradients(spec, model.Weights, got, options).Compute(batch, new TrainingPass(1, 0, 0));
        double lossWanted = new GraphGradients(spec, model.Weights, wanted, options).Compute(batch, new TrainingPass(1, 0, 0));
        Assert.Equal(lossWanted, loss, 1e-6);
        foreach (WeightTensor tensor in got.Tensors)
        {
            float[] a = got[tensor.Name].ToArray(), b = wanted[tensor.Name].ToArray();
            double distance = Math.Sqrt(a.Zip(b).Sum(p => Math.Pow(p.First - p.Second, 2))), size = Math.Sqrt(b.Sum(v => (double)v * v));
            Assert.True(distance <= 2e-5 * size + 1e-9, $"{tensor.Name}: {distance} of {size}");
        }
    }

    [Fact]
    public void Gradients_CalledAgain_AddToTheBlockAndAreTheSameBits()
    {
        ModelSpec spec = Spec(32, 5, 11, 3);
        Assert.SkipUnless(FastWeights.Cover(spec), "no vectors of eight here");
        Forecaster model = Cases.Model(spec);
        Weights one = model.Weights.NewZeros(), two = model.Weights.NewZeros();
        float[] data = Inputs(spec, 9, 11), targets = Cases.Normals(27, 4);
        TrainingBatch batch = new() { Count = 9, Steps = 11, Inputs = data, Known = [], Targets = targets, SampleWeights = [] };
        FastGradients engine = new(spec, model.Weights, one, new TrainingOptions()), other = new(spec, model.Weights, two, new TrainingOptions());
        engine.Compute(batch, default);
        other.Compute(batch, default);
        Assert.Equal(two.Values.ToArray(), one.Values.ToArray());
        engine.Compute(batch, default);
        Assert.Equal(two["encoder.weight_hh_l0"].ToArray().Select(v => 2 * v), one["encoder.weight_hh_l0"].ToArray());
    }

    [Theory]
    [InlineData(16, 1)]
    [InlineData(32, 6)]
    [InlineData(64, 3)]
    public void Predict_BatchesAroundTheBlocks_EveryRowEqualsItsBatchOfOne(int hidden, int inputs)
    {
        ModelSpec spec = Spec(hidden, inputs, 13, 4);
        Forecaster model = Cases.Model(spec);
        float[] data = Inputs(spec, 70, 13), alone = new float[70 * spec.OutputSize];
        int width = 13 * inputs, outputs = spec.OutputSize;
        for (int row = 0; row < 70; row++) model.Predict(1, data.AsSpan(row * width, width), [], alone.AsSpan(row * outputs, outputs));
        for (int batch = 1; batch <= 70; batch++)
        {
            float[] output = new float[batch * outputs];
            model.Predict(batch, data.AsSpan((70 - batch) * width), [], output);
            Assert.Equal(alone.AsSpan((70 - batch) * outputs).ToArray(), output);
        }
    }

    [Theory]
    [InlineData(16, 1, 4)]
    [InlineData(32, 6, 64)]
    [InlineData(48, 5, 12)]
    [InlineData(64, 4, 100)]
    public void Step_OfManySeries_EqualsTheGraphEngineOnItsBytes(int hidden, int inputs, int lookback)
    {
        ModelSpec spec = Spec(hidden, inputs, lookback, 5);
        StreamLayout layout = new(spec, RingPrecision.Q15);
        Assert.SkipUnless(FastStreams.Cover(spec, layout), "no vectors of eight here");
        const int Batch = 21;
        Forecaster model = Cases.Model(spec);
        FastStreams fast = new(spec, model.Weights, layout);
        GraphStreams graph = new(spec, model.Weights, layout);
        using Cases.Blocks mine = new Cases.Blocks(Batch, layout.Bytes).Clear(), theirs = new Cases.Blocks(Batch, layout.Bytes).Clear();
        // States that differ in their last bit may round to neighbours in the ring, a 32767th apart.
        const double Tolerance = 5e-5;
        float[] got = new float[Batch * spec.OutputSize], wanted = new float[Batch * spec.OutputSize], look = new float[lookback], lookWanted = new float[lookback];
        for (int step = 0; step < lookback + 9; step++)
        {
            float[] data = Inputs(spec, Batch, step + 1)[^(Batch * inputs)..];
            fast.Step(mine.Addresses, data, [], got);
            graph.Step(theirs.Addresses, data, [], wanted);
            for (int i = 0; i < got.Length; i++) Assert.Equal(wanted[i], got[i], Tolerance * Math.Max(1, Math.Abs(wanted[i])));
        }
        look.AsSpan().Clear();
        lookWanted.AsSpan().Clear();
        fast.Attention(mine.Addresses[3], look);
        graph.Attention(theirs.Addresses[3], lookWanted);
        for (int i = 0; i < lookback; i++) Assert.Equal(lookWanted[i], look[i], 1e-5);
        // A state that one engine wrote is read by the other.
        fast.Step(theirs.Addresses, Inputs(spec, Batch, 1), [], got);
        graph.Step(mine.Addresses, Inputs(spec, Batch, 1), [], wanted);
        for (int i = 0; i < got.Length; i++) Assert.Equal(wanted[i], got[i], Tolerance * Math.Max(1, Math.Abs(wanted[i])));
    }

    [Fact]
    public void Cover_OtherForms_AreLeftToTheGraphEngine()
    {
        ModelSpec spec = new();
        Assert.All(
            [
                spec with { HiddenSize = 24 }, spec with { Layers = 2 }, spec with { Encoder = EncoderKind.Lstm }, spec with { Known = 1 },
                spec with { Attention = AttentionKind.Dot }, spec with { Combine = CombineKind.Sum }, spec with { Head = HeadKind.Refine }, spec with { Bidirectional = true },
            ],
            s => Assert.False(FastWeights.Cover(s)));
    }
}
