namespace StreamForecaster.Models.Tests.Training;

public sealed class RegularizationTests
{
    static readonly ModelSpec Small = new() { HiddenSize = 8, Inputs = 2, Lookback = 6, Horizons = 2 };

    [Fact]
    public void Dropout_InInference_ChangesNothing()
    {
        Forecaster plain = Cases.Model(Small with { Layers = 2 }), dropped = Cases.Model(Small with { Layers = 2, Dropout = .5 });
        float[] inputs = Cases.Normals(12, 1), first = new float[Small.OutputSize], second = new float[Small.OutputSize];
        plain.Predict(1, inputs, [], first);
        dropped.Predict(1, inputs, [], second);
        Assert.Equal(first, second);
    }

    [Fact]
    public void Dropout_InTraining_DrawsByStepAndSeedAlone()
    {
        double[] first = Losses(seed: 1), again = Losses(seed: 1), other = Losses(seed: 2);
        Assert.Equal(first, again);
        Assert.NotEqual(first[0], other[0]);

        static double[] Losses(int seed)
        {
            ModelTraining training = new(Cases.Model(Small with { Layers = 2, Dropout = .5 }), new TrainingOptions { Seed = seed });
            float[] inputs = Cases.Normals(20 * 12, 1), targets = Cases.Normals(40, 2);
            return [.. Enumerable.Range(0, 3).Select(_ => training.Step(20, inputs, [], targets, []))];
        }
    }

    [Fact]
    public void Refine_ToleranceAboveEveryMove_IsOneRound()
    {
        ModelSpec once = Small with { Head = HeadKind.Refine, RefineRounds = 1 }, often = once with { RefineRounds = 9 };
        float[] inputs = Cases.Normals(12, 1), one = new float[Small.OutputSize], settled = new float[Small.OutputSize], all = new float[Small.OutputSize];
        Cases.Model(once).Predict(1, inputs, [], one);
        Cases.Model(often with { RefineTolerance = 10 }).Predict(1, inputs, [], settled);
        Cases.Model(often).Predict(1, inputs, [], all);
        Assert.Equal(one, settled);
        Assert.NotEqual(one, all);
    }

    /// <summary>Glorot and Bengio 2010: ±√(6 / (in + out)); He et al. 2015: ±√(6 / in). Uniform, so the variance is limit²/3.</summary>
    [Theory]
    [InlineData(InitialMatrix.Xavier, 128 + 48)]
    [InlineData(InitialMatrix.He, 48)]
    public void Create_UniformMatrices_FillTheirLimitsEvenly(InitialMatrix kind, int fan)
    {
        Initialization start = new() { Input = kind, Recurrent = kind, Attention = kind };
        Forecaster model = Forecaster.Create(new() { Encoder = EncoderKind.Rnn, HiddenSize = 128, Inputs = 48 }, 5, start);
        float[] weight = model.Weights["encoder.weight_ih_l0"].ToArray();
        double limit = Math.Sqrt(6.0 / fan);
        Assert.InRange(weight.Max(Math.Abs), .99 * limit, limit);
        Assert.Equal(0, weight.Average(), .03 * limit);
        Assert.Equal(limit * limit / 3, weight.Average(v => (double)v * v), .02 * limit * limit);
        Assert.NotEqual(weight, Forecaster.Create(model.Spec, 6, start).Weights["encoder.weight_ih_l0"].ToArray());
    }

    [Fact]
    public void Create_OrthogonalRecurrence_HasOrthonormalRowsPerGate()
    {
        Forecaster model = Forecaster.Create(Small with { HiddenSize = 16, Encoder = EncoderKind.Lstm }, 5);
        float[] weight = model.Weights["encoder.weight_hh_l0"].ToArray();
        for (int a = 0; a < 64; a++)
            for (int b = a / 16 * 16; b <= a; b++)
                Assert.Equal(a == b ? 1 : 0, Enumerable.Range(0, 16).Sum(c => weight[a * 16 + c] * weight[b * 16 + c]), 1e-5);
        Assert.All(model.Weights["encoder.bias_ih_l0"][16..32].ToArray(), bias => Assert.Equal(1, bias));
    }
}
