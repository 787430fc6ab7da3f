namespace StreamForecaster.Models.Tests.Training;

/// <summary>Models learn what they should, from five seeds each, in seconds.</summary>
public sealed class LearningTests
{
    public static TheoryData<int> Seeds => [1, 2, 3, 4, 5];

    /// <summary>A sine in noise of a tenth: the median's squared error must come near what the noise leaves, far below persistence.</summary>
    [Theory, MemberData(nameof(Seeds))]
    public void Sine_WithNoise_IsForecastFarBetterThanPersistence(int seed)
    {
        ModelSpec spec = new() { HiddenSize = 12, Lookback = 24, Horizons = 4 };
        Forecaster model = Forecaster.Create(spec, seed);
        ModelTraining training = new(model, new TrainingOptions { TotalSteps = 100, LearningRate = 1e-2 });
        SeededRandom random = new((ulong)seed);
        for (int step = 0; step < 100; step++)
        {
            (float[] inputs, float[] targets) = Sines(spec, 32, ref random);
            training.Step(32, inputs, [], targets, []);
        }
        (float[] held, float[] truth) = Sines(spec, 200, ref random);
        float[] output = new float[200 * spec.OutputSize];
        model.Predict(200, held, [], output);
        double error = 0, persistence = 0;
        for (int i = 0; i < truth.Length; i++)
        {
            error += Math.Pow(output[i * 3 + 1] - truth[i], 2);
            persistence += truth[i] * truth[i];
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"sine, seed {seed}: {error / persistence:F3} of persistence");
        Assert.InRange(error / persistence, 0, .15);
    }

    static (float[] Inputs, float[] Targets) Sines(ModelSpec spec, int batch, ref SeededRandom random)
    {
        float[] inputs = new float[batch * spec.Lookback], targets = new float[batch * spec.Horizons];
        for (int row = 0; row < batch; row++)
        {
            double phase = 2 * Math.PI * random.NextUniform();
            Span<float> window = inputs.AsSpan(row * spec.Lookback, spec.Lookback);
            for (int t = 0; t < window.Length; t++) window[t] = (float)(Math.Sin(phase + .5 * t) + .1 * random.NextNormal());
            for (int h = 0; h < spec.Horizons; h++)
                targets[row * spec.Horizons + h] = (float)(Math.Sin(phase + .5 * (window.Length + h)) + .1 * random.NextNormal()) - window[^1];
        }
        return (inputs, targets);
    }

    /// <summary>
    /// The value to give back stands 48 steps ago beside a mark, among noise. Attention finds it; a GRU alone, with the same
    /// training, does not carry it that far.
    /// </summary>
    [Theory, MemberData(nameof(Seeds))]
    public void CopyAtLag48_WithAttention_IsLearned_WithoutItIsNot(int seed)
    {
        double with = CopyError(AttentionKind.ScaledDot, seed), without = CopyError(AttentionKind.None, seed);
        TestContext.Current.TestOutputHelper?.WriteLine($"copy at lag 48, seed {seed}: {with:F3} of the variance with attention, {without:F3} without");
        Assert.InRange(with, 0, .15);
        Assert.InRange(without, .7, 1.3);
    }

    /// <summary>Squared error on held-back windows, as a share of the target's variance.</summary>
    static double CopyError(AttentionKind attention, int seed)
    {
        ModelSpec spec = new() { HiddenSize = 12, Inputs = 2, Lookback = 56, Horizons = 1, Quantiles = [.5], Attention = attention };
        Forecaster model = Forecaster.Create(spec, seed);
        ModelTraining training = new(model, new TrainingOptions { Loss = LossKind.Squared, TotalSteps = 180, LearningRate = 1e-2 });
        SeededRandom random = new((ulong)seed + 99);
        for (int step = 0; step < 180; step++)
        {
            (float[] inputs, float[] targets) = Copies(spec, 32, ref random);
            training.Step(32, inputs, [], targets, []);
        }
        (float[] held, float[] truth) = Copies(spec, 300, ref random);
        float[] output = new float[300];
        model.Predict(300, held, [], output);
        return output.Zip(truth).Sum(p => Math.Pow(p.First - p.Second, 2)) / truth.Sum(t => (double)t * t);
    }

    static (float[] Inputs, float[] Targets) Copies(ModelSpec spec, int batch, ref SeededRandom random)
    {
        float[] inputs = new float[batch * spec.Lookback * 2], targets = new float[batch];
        for (int row = 0; row < batch; row++)
        {
            Span<float> window = inputs.AsSpan(row * spec.Lookback * 2, spec.Lookback * 2);
            for (int t = 0; t < spec.Lookback; t++) window[2 * t] = (float)(2 * random.NextUniform() - 1);
            int marked = spec.Lookback - 48;
            window[2 * marked + 1] = 1;
            targets[row] = window[2 * marked];
        }
        return (inputs, targets);
    }
}
