namespace StreamForecaster.Models.Tests.Heads;

/// <summary>What the heads promise beside their numerics.</summary>
public sealed class HeadTests
{
    static readonly ModelSpec Small = new() { HiddenSize = 8, Inputs = 2, Lookback = 12, Horizons = 5 };

    /// <summary>A window's label is how often it rises: a fresh classifier learns it, and gives probabilities.</summary>
    [Fact]
    public void Classifier_OfRisingAndFallingWindows_LearnsTheLabels()
    {
        ModelSpec spec = Small with { Inputs = 1, Head = HeadKind.Classifier, Classes = 3 };
        Forecaster model = Forecaster.Create(spec, 1);
        ModelTraining training = new(model, new TrainingOptions { Loss = LossKind.CrossEntropy, TotalSteps = 80, LearningRate = 2e-2 });
        SeededRandom random = new(2);
        for (int step = 0; step < 80; step++)
        {
            (float[] inputs, float[] labels) = Slopes(spec, 32, ref random);
            training.Step(32, inputs, [], labels, []);
        }
        (float[] held, float[] truth) = Slopes(spec, 200, ref random);
        float[] output = new float[200 * 3];
        model.Predict(200, held, [], output);
        int right = 0;
        for (int row = 0; row < 200; row++)
        {
            float[] shares = output[(row * 3)..(row * 3 + 3)];
            Assert.Equal(1, shares.Sum(), 1e-5);
            right += Array.IndexOf(shares, shares.Max()) == (int)truth[row] ? 1 : 0;
        }
        Assert.InRange(right, 180, 200);
    }

    static (float[] Inputs, float[] Labels) Slopes(ModelSpec spec, int batch, ref SeededRandom random)
    {
        float[] inputs = new float[batch * spec.Lookback], labels = new float[batch];
        for (int row = 0; row < batch; row++)
        {
            labels[row] = (int)(3 * random.NextUniform());
            for (int t = 0; t < spec.Lookback; t++)
                inputs[row * spec.Lookback + t] = (float)((labels[row] - 1) * .15 * (t - 6) + .2 * random.NextNormal());
        }
        return (inputs, labels);
    }

    /// <summary>What is known of horizon h reaches the decoder at h: earlier horizons stay as they are bit for bit, it and later ones change.</summary>
    [Theory]
    [InlineData(EncoderKind.Gru)]
    [InlineData(EncoderKind.Lstm)]
    public void Decoder_CalendarKnownAhead_ActsFromItsHorizonOn(EncoderKind encoder)
    {
        ModelSpec spec = Small with { Encoder = encoder, Head = HeadKind.Decoder, Known = 2 };
        Forecaster model = Cases.Model(spec);
        float[] inputs = Cases.Normals(24, 1), known = Cases.Normals(10, 2), plain = new float[spec.OutputSize], changed = new float[spec.OutputSize];
        model.Predict(1, inputs, known, plain);
        known[2 * 2 + 1] += 1;
        model.Predict(1, inputs, known, changed);
        Assert.Equal(plain[..6], changed[..6]);
        for (int h = 2; h < 5; h++) Assert.NotEqual(plain[h * 3], changed[h * 3]);
    }

    /// <summary>Attention leaves out the steps that the flag marks, but never the newest.</summary>
    [Theory]
    [InlineData(AttentionKind.Additive)]
    [InlineData(AttentionKind.Dot)]
    [InlineData(AttentionKind.General)]
    [InlineData(AttentionKind.ScaledDot)]
    [InlineData(AttentionKind.MultiHead)]
    public void GapMask_MarkedSteps_GetNoWeight(AttentionKind attention)
    {
        ModelSpec spec = Small with { Attention = attention, GapInput = 1 };
        float[] inputs = Cases.Normals(24, 1), weights = new float[12];
        for (int t = 0; t < 12; t++) inputs[2 * t + 1] = t % 3 == 2 ? 1 : 0;
        Cases.Model(spec).Attention(inputs, [], weights);
        for (int t = 0; t < 11; t++) Assert.Equal(t % 3 == 2, weights[t] == 0);
        Assert.True(weights[11] > 0);
        Assert.Equal(1, weights.Sum(), 1e-5);
    }

    [Theory]
    [InlineData(HeadKind.Direct)]
    [InlineData(HeadKind.Decoder)]
    [InlineData(HeadKind.Refine)]
    public void Quantiles_OfWildWeights_NeverCross(HeadKind head)
    {
        ModelSpec spec = Small with { Head = head, Quantiles = [.01, .2, .5, .8, .99] };
        Forecaster model = Cases.Model(spec);
        foreach (ref float weight in model.Weights.Edit("head.weight")) weight *= 50;
        float[] output = new float[20 * spec.OutputSize];
        model.Predict(20, Cases.Normals(20 * 24, 1), [], output);
        for (int i = 0; i < output.Length; i++)
            if (i % 5 != 0) Assert.True(output[i - 1] <= output[i]);
    }
}
