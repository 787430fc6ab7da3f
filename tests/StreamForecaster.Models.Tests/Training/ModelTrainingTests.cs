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

    /// <summary>The graph engine with dropout, and the form that the fast engine takes.</summary>
    [Theory]
    [InlineData(12, 2, .2)]
    [InlineData(16, 1, 0)]
    public void Step_SameSeed_SameBits(int hidden, int layers, double dropout)
    {
        float[] first = Trained(hidden, layers, dropout), second = Trained(hidden, layers, dropout);
        Assert.Equal(first, second);

        static float[] Trained(int hidden, int layers, double dropout)
        {
            Forecaster model = Forecaster.Create(Small with { HiddenSize = hidden, Layers = layers, Dropout = dropout }, 11);
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

    /// <summary>The first steps count evenly, later ones by the decay.</summary>
    [Fact]
    public void Averaged_AfterSteps_IsTheExponentialAverageOfTheWeights()
    {
        Forecaster model = Cases.Model(Small);
        ModelTraining training = new(model, new TrainingOptions { AverageDecay = .9, Schedule = ScheduleKind.Constant });
        double average = 0;
        for (int i = 1; i <= 30; i++)
        {
            training.Step(8, Cases.Normals(8 * 16, i), [], Cases.Normals(32, i + 50), []);
            double keep = Math.Min(.9, (i - 1.0) / i);
            average = keep * average + (1 - keep) * model.Weights["head.bias"][0];
        }
        Assert.Equal(average, training.Averaged!.Weights["head.bias"][0], 1e-6);
        Assert.NotEqual(model.Weights["head.bias"][0], training.Averaged.Weights["head.bias"][0]);
    }

    [Fact]
    public void Step_GradientLongerThanTheClip_IsCutToThatNorm()
    {
        const float Rate = .1f;
        TrainingOptions options = new() { Optimizer = OptimizerKind.SgdMomentum, WeightDecay = 0, LearningRate = Rate, Schedule = ScheduleKind.Constant };
        float[] inputs = Cases.Normals(8 * 16, 1), targets = Cases.Normals(32, 2, scale: 1000);
        foreach (double clip in (double[])[.01, .05])
        {
            Forecaster model = Cases.Model(Small);
            float[] before = model.Weights.Values.ToArray();
            new ModelTraining(model, options with { ClipNorm = clip }).Step(8, inputs, [], targets, []);
            double moved = Math.Sqrt(before.Zip(model.Weights.Values.ToArray()).Sum(p => Math.Pow(p.First - p.Second, 2)));
            Assert.Equal(Rate * clip, moved, .01 * Rate * clip);
        }
    }

    /// <summary>The share of decoder steps that see the target falls evenly from the first to the last step of the run.</summary>
    [Fact]
    public void Step_ScheduledTeacherForcing_GoesFromAllForcedToFreeRunning()
    {
        ModelSpec spec = Small with { Head = HeadKind.Decoder };
        TrainingOptions still = new() { LearningRate = 1e-8, WeightDecay = 0, TotalSteps = 40, Optimizer = OptimizerKind.SgdMomentum };
        double[] forced = Losses(still with { TeacherForcing = 1, TeacherForcingLast = 1 }), free = Losses(still with { TeacherForcing = 0, TeacherForcingLast = 0 });
        double[] scheduled = Losses(still with { TeacherForcing = 1, TeacherForcingLast = 0 });
        Assert.NotEqual(forced[0], free[0], 1e-4);
        Assert.Equal(forced[0], scheduled[0], 1e-7);
        Assert.Equal(free[^1], scheduled[^1], 1e-7);
        // Between them, neither.
        Assert.NotEqual(forced[20], scheduled[20], 1e-5);
        Assert.NotEqual(free[20], scheduled[20], 1e-5);

        double[] Losses(TrainingOptions options)
        {
            ModelTraining training = new(Cases.Model(spec), options);
            float[] inputs = Cases.Normals(6 * 16, 1), targets = Cases.Normals(6 * 4, 2);
            return [.. Enumerable.Range(0, 41).Select(_ => training.Step(6, inputs, [], targets, []))];
        }
    }
}
