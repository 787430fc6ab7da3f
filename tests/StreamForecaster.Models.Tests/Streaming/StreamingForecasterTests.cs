namespace StreamForecaster.Models.Tests.Streaming;

public sealed class StreamingForecasterTests
{
    public static TheoryData<string> Family => [.. Cases.Family().Where(s => !s.Bidirectional).Select(Cases.Name)];

    [Theory, MemberData(nameof(Family))]
    public void Step_OverAHistory_EqualsTheWindowedForm(string name)
    {
        ModelSpec spec = Cases.Named(name);
        AssertEqualsWindows(spec, RingPrecision.Float32);
        if (spec.Encoder != EncoderKind.RnnRelu) AssertEqualsWindows(spec, RingPrecision.Q15);
    }

    static void AssertEqualsWindows(ModelSpec spec, RingPrecision ring)
    {
        Forecaster model = Cases.Model(spec);
        StreamingForecaster stream = new(model, ring);
        const int Steps = 23;
        float[] inputs = Inputs(spec, Steps, 1), known = Cases.Normals(spec.Horizons * spec.Known, 2);
        using Cases.Blocks blocks = new Cases.Blocks(1, stream.StateBytes).Clear();
        float[] streamed = new float[spec.OutputSize], windowed = new float[spec.OutputSize];
        for (int t = 0; t < Steps; t++)
        {
            stream.Step(blocks.Addresses, inputs.AsSpan(t * spec.Inputs, spec.Inputs), known, streamed);
            if (t + 1 < spec.Lookback) continue;
            model.Predict(1, inputs.AsSpan(0, (t + 1) * spec.Inputs), known, windowed);
            if (spec.Head == HeadKind.Classifier) ToLogDifferences(windowed, streamed);
            for (int i = 0; i < windowed.Length; i++) Assert.Equal(windowed[i], streamed[i], 1e-4);
        }
    }

    /// <summary>The streaming form gives logits, the windowed probabilities: made comparable.</summary>
    static void ToLogDifferences(float[] probabilities, float[] logits)
    {
        for (int c = probabilities.Length - 1; c >= 0; c--)
        {
            probabilities[c] = MathF.Log(probabilities[c] / probabilities[0]);
            logits[c] -= logits[0];
        }
    }

    static float[] Inputs(ModelSpec spec, int steps, int seed)
    {
        float[] inputs = Cases.Normals(steps * spec.Inputs, seed);
        if (spec.GapInput >= 0)
            for (int i = spec.GapInput; i < inputs.Length; i += spec.Inputs) inputs[i] = i % 4 == 0 ? 1 : 0;
        return inputs;
    }

    [Theory]
    [InlineData(RingPrecision.Float32, 2e-6)]
    [InlineData(RingPrecision.Q15, 1e-4)]
    [InlineData(RingPrecision.Half, 1e-3)]
    [InlineData(RingPrecision.BFloat16, 1e-2)]
    public void Step_RingPrecision_CostsNoMoreThanItsBits(RingPrecision ring, double tolerance)
    {
        ModelSpec spec = new() { Inputs = 2 };
        Forecaster model = Cases.Model(spec);
        StreamingForecaster stream = new(model, ring);
        float[] inputs = Cases.Normals(200, 3), streamed = new float[spec.OutputSize], windowed = new float[spec.OutputSize];
        using Cases.Blocks blocks = new Cases.Blocks(1, stream.StateBytes).Clear();
        for (int t = 0; t < 100; t++) stream.Step(blocks.Addresses, inputs.AsSpan(t * 2, 2), streamed);
        model.Predict(1, inputs, [], windowed);
        for (int i = 0; i < windowed.Length; i++) Assert.Equal(windowed[i], streamed[i], tolerance);
    }

    [Theory, MemberData(nameof(Family))]
    public void Attention_OfAStream_EqualsTheWindowedForms(string name)
    {
        ModelSpec spec = Cases.Named(name);
        Forecaster model = Cases.Model(spec);
        StreamingForecaster stream = new(model, RingPrecision.Float32);
        float[] inputs = Inputs(spec, 12, 1), known = new float[spec.Horizons * spec.Known];
        float[] streamed = new float[spec.Lookback], windowed = new float[spec.Lookback], output = new float[spec.OutputSize];
        using Cases.Blocks blocks = new Cases.Blocks(1, stream.StateBytes).Clear();
        for (int t = 0; t < 12; t++) stream.Step(blocks.Addresses, inputs.AsSpan(t * spec.Inputs, spec.Inputs), known, output);
        stream.Attention(blocks.Addresses[0], streamed);
        model.Attention(inputs, known, windowed);
        Assert.Equal(spec.Attention == AttentionKind.None ? 0 : 1, windowed.Sum(), 1e-5);
        for (int i = 0; i < windowed.Length; i++) Assert.Equal(windowed[i], streamed[i], 1e-5);
    }

    [Fact]
    public void Step_FewerThanLookbackSteps_AttendsOverThosePresent()
    {
        ModelSpec spec = new() { HiddenSize = 10, Lookback = 9, Inputs = 2 };
        Forecaster model = Cases.Model(spec), shorter = Cases.Model(spec with { Lookback = 4 });
        StreamingForecaster stream = new(model, RingPrecision.Float32);
        float[] inputs = Cases.Normals(8, 3), streamed = new float[spec.OutputSize], windowed = new float[spec.OutputSize], weights = new float[9];
        using Cases.Blocks blocks = new Cases.Blocks(1, stream.StateBytes).Clear();
        for (int t = 0; t < 4; t++) stream.Step(blocks.Addresses, inputs.AsSpan(t * 2, 2), streamed);
        shorter.Predict(1, inputs, [], windowed);
        for (int i = 0; i < windowed.Length; i++) Assert.Equal(windowed[i], streamed[i], 1e-5);
        stream.Attention(blocks.Addresses[0], weights);
        Assert.All(weights[..5], w => Assert.Equal(0, w));
        Assert.Equal(1, weights.Sum(), 1e-5);
    }

    [Fact]
    public void Reencode_FromKeptInputs_GivesTheSteppedStateBitForBit()
    {
        ModelSpec spec = new() { HiddenSize = 20, Lookback = 16, Inputs = 3, Encoder = EncoderKind.Lstm, Layers = 2 };
        StreamingForecaster stream = new(Cases.Model(spec), RingPrecision.Q15);
        float[] inputs = Cases.Normals(60, 3), output = new float[spec.OutputSize];
        using Cases.Blocks blocks = new Cases.Blocks(2, stream.StateBytes).Clear();
        for (int t = 0; t < 20; t++) stream.Step(blocks.Addresses.AsSpan(0, 1), inputs.AsSpan(t * 3, 3), output);
        stream.Reencode(blocks.Addresses[1], inputs);
        Assert.Equal(blocks.Bytes(0).ToArray(), blocks.Bytes(1).ToArray());
    }

    [Fact]
    public void StateBytes_Hidden32Lookback64HalfPrecision_FitsTheLeanProfile()
    {
        StreamingForecaster stream = new(Forecaster.Create(new ModelSpec { Inputs = 6 }, 1), RingPrecision.Q15);
        Assert.Equal(4288, stream.StateBytes);
    }

    [Fact]
    public void Constructor_FormWithoutStreaming_SaysWhatIsAllowed()
    {
        ModelSpec both = new() { Bidirectional = true }, relu = new() { Encoder = EncoderKind.RnnRelu };
        Assert.Contains("Bidirectional = false", Assert.Throws<ArgumentException>(() => new StreamingForecaster(Cases.Model(both), RingPrecision.Half)).Message);
        Assert.Contains("Half", Assert.Throws<ArgumentException>(() => new StreamingForecaster(Cases.Model(relu), RingPrecision.Q15)).Message);
    }
}
