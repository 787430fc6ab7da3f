namespace StreamForecaster.Models.Tests.Streaming;

public sealed class StreamingForecasterTests
{
    public static TheoryData<string> Family => [.. Cases.Family().Where(s => !s.Bidirectional).Select(Cases.Name)];

    [Theory, MemberData(nameof(Family))]
    public void Step_OverAHistory_EqualsTheWindowedForm(string name)
    {
        ModelSpec spec = Cases.Named(name);
        Forecaster model = Cases.Model(spec);
        RingPrecision ring = spec.Encoder == EncoderKind.RnnRelu ? RingPrecision.Float32 : RingPrecision.Q15;
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

    /// <summary>A state carried for 10,000 steps forecasts as well as a fresh one: the loss of the last steps is that of the first.</summary>
    [Theory]
    [InlineData(EncoderKind.Gru)]
    [InlineData(EncoderKind.Lstm)]
    public void Step_Carried10000Steps_TheLossDoesNotDrift(EncoderKind encoder)
    {
        ModelSpec spec = new() { Encoder = encoder, HiddenSize = 12, Lookback = 24, Horizons = 1, Quantiles = [.5] };
        float[] series = NoisySine(20_000);
        Forecaster model = Trained(spec, series.AsSpan(0, 8000));
        StreamingForecaster stream = new(model, RingPrecision.Q15);
        using Cases.Blocks blocks = new Cases.Blocks(1, stream.StateBytes).Clear();
        double[] errors = new double[10_000];
        float[] output = new float[1];
        for (int t = 0; t < errors.Length; t++)
        {
            float last = series[8000 + t];
            stream.Step(blocks.Addresses, [last], output);
            errors[t] = Math.Pow(last + output[0] - series[8001 + t], 2);
        }
        double early = errors[24..1024].Average(), late = errors[^1000..].Average(), persistence = series[8000..18000].Zip(series[8001..18001]).Average(p => Math.Pow(p.First - p.Second, 2));
        Assert.InRange(early, 0, .4 * persistence);
        Assert.InRange(late / early, .7, 1.3);
    }

    static float[] NoisySine(int length)
    {
        SeededRandom random = new(3);
        float[] series = new float[length];
        for (int t = 0; t < length; t++) series[t] = (float)(Math.Sin(.5 * t) + .1 * random.NextNormal());
        return series;
    }

    /// <summary>Trained as the daemon does: the state is carried into each window by the steps before it.</summary>
    static Forecaster Trained(ModelSpec spec, ReadOnlySpan<float> series)
    {
        const int Batch = 32, Steps = 48;
        Forecaster model = Forecaster.Create(spec, 1);
        ModelTraining training = new(model, new TrainingOptions { TotalSteps = 100, LearningRate = 1e-2 });
        SeededRandom random = new(4);
        float[] inputs = new float[Batch * Steps], targets = new float[Batch];
        for (int step = 0; step < 100; step++)
        {
            for (int row = 0; row < Batch; row++)
            {
                int at = (int)(random.NextUniform() * (series.Length - Steps - 1));
                series.Slice(at, Steps).CopyTo(inputs.AsSpan(row * Steps));
                targets[row] = series[at + Steps] - series[at + Steps - 1];
            }
            training.Step(Batch, inputs, [], targets, []);
        }
        return model;
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
