namespace StreamForecaster.Models.Tests.Streaming;

/// <summary>A state that is carried on and on stays one that the model knows.</summary>
public sealed class DriftTests
{
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
        TestContext.Current.TestOutputHelper?.WriteLine($"{encoder}: the last thousand's squared error is {late / early:F2} of the first's");
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
}
