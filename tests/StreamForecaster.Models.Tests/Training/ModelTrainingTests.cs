namespace StreamForecaster.Models.Tests.Training;

public sealed class ModelTrainingTests
{
    static readonly ModelSpec Small = new() { HiddenSize = 12, Inputs = 1, Lookback = 16, Horizons = 4 };

    [Fact]
    public void Predict_Untrained_IsPersistence()
    {
        Forecaster model = Forecaster.Create(Small, 3);
        float[] output = new float[5 * Small.OutputSize];
        output.AsSpan().Fill(9);
        model.Predict(5, Cases.Normals(5 * 16, 1), [], output);
        Assert.All(output, v => Assert.Equal(0, v));
    }

    [Fact]
    public void Step_SameSeed_SameBits()
    {
        float[] first = Trained(), second = Trained();
        Assert.Equal(first, second);

        static float[] Trained()
        {
            Forecaster model = Forecaster.Create(Small with { Layers = 2, Dropout = .2 }, 11);
            ModelTraining training = new(model, new TrainingOptions { TotalSteps = 5, WarmUpSteps = 1 });
            for (int i = 0; i < 5; i++) training.Step(40, Cases.Normals(40 * 16, i), [], Cases.Normals(40 * 4, i + 50), []);
            return model.Weights.Values.ToArray();
        }
    }

    [Theory]
    [InlineData(OptimizerKind.AdamW, 3e-3)]
    [InlineData(OptimizerKind.Adam, 3e-3)]
    [InlineData(OptimizerKind.RmsProp, 1e-3)]
    [InlineData(OptimizerKind.SgdMomentum, 5e-2)]
    public void Step_AnyOptimizer_LowersTheLossOfASine(OptimizerKind optimizer, double rate)
    {
        ModelTraining training = new(
            Forecaster.Create(Small, 1), new TrainingOptions { Optimizer = optimizer, LearningRate = rate, TotalSteps = 120, WarmUpSteps = 5 });
        double first = 0, last = 0;
        for (int i = 0; i < 120; i++)
        {
            (float[] inputs, float[] targets) = Sine(32, i);
            last = training.Step(32, inputs, [], targets, []);
            if (i == 0) first = last;
        }
        Assert.True(last < .5 * first, $"{optimizer}: {first} to {last}");
    }

    static (float[] Inputs, float[] Targets) Sine(int batch, int seed)
    {
        SeededRandom random = new((ulong)seed);
        float[] inputs = new float[batch * 16], targets = new float[batch * 4];
        for (int row = 0; row < batch; row++)
        {
            double phase = random.NextUniform() * 2 * Math.PI;
            for (int t = 0; t < 16; t++) inputs[row * 16 + t] = (float)(Math.Sin(phase + .4 * t) + .02 * random.NextNormal());
            for (int h = 0; h < 4; h++) targets[row * 4 + h] = (float)Math.Sin(phase + .4 * (16 + h)) - inputs[row * 16 + 15];
        }
        return (inputs, targets);
    }

    [Fact]
    public void Step_NotFiniteInput_ChangesNothingAndIsCounted()
    {
        Forecaster model = Cases.Model(Small);
        float[] before = model.Weights.Values.ToArray(), inputs = Cases.Normals(16, 1);
        inputs[3] = float.NaN;
        ModelTraining training = new(model, new TrainingOptions());
        training.Step(1, inputs, [], Cases.Normals(4, 2), []);
        Assert.Equal(1, training.SkippedSteps);
        Assert.Equal(before, model.Weights.Values.ToArray());
    }

    [Fact]
    public void Step_FrozenEncoder_TrainsTheRest()
    {
        Forecaster model = Cases.Model(Small);
        float[] before = model.Weights["encoder.weight_hh_l0"].ToArray(), head = model.Weights["head.weight"].ToArray();
        new ModelTraining(model, new TrainingOptions { Frozen = ["encoder"] }).Step(8, Cases.Normals(8 * 16, 1), [], Cases.Normals(32, 2), []);
        Assert.Equal(before, model.Weights["encoder.weight_hh_l0"].ToArray());
        Assert.NotEqual(head, model.Weights["head.weight"].ToArray());
        Assert.Throws<ArgumentException>(() => new ModelTraining(model, new TrainingOptions { Frozen = ["encode"] }));
    }

    [Fact]
    public void Step_SpanOfWrongSize_SaysWhatItWants()
    {
        ModelTraining training = new(Cases.Model(Small), new TrainingOptions());
        Assert.Contains("steps (at least 16)", Assert.Throws<ArgumentException>(() => training.Step(2, new float[30], [], new float[8], [])).Message);
        Assert.Contains("targets has 7 values; wants 8", Assert.Throws<ArgumentException>(() => training.Step(2, new float[32], [], new float[7], [])).Message);
    }

    [Fact]
    public void Averaged_AfterSteps_LiesBetween()
    {
        Forecaster model = Cases.Model(Small);
        ModelTraining training = new(model, new TrainingOptions { AverageDecay = .9, Schedule = ScheduleKind.Constant });
        float start = model.Weights["head.bias"][0];
        for (int i = 0; i < 30; i++) training.Step(8, Cases.Normals(8 * 16, 1), [], Cases.Normals(32, 2), []);
        float end = model.Weights["head.bias"][0], average = training.Averaged!.Weights["head.bias"][0];
        Assert.InRange(average, Math.Min(start, end), Math.Max(start, end));
        Assert.NotEqual(end, average);
    }
}
