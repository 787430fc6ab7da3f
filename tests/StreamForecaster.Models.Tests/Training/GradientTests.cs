namespace StreamForecaster.Models.Tests.Training;

public sealed class GradientTests
{
    const int Batch = 18;

    public static TheoryData<string> Family => Cases.FamilyNames;

    /// <summary>
    /// Along each tensor's own gradient g the loss must change by |g| per unit: a central difference of the loss, in double over
    /// float32 forwards, sees every op of the model.
    /// </summary>
    [Theory, MemberData(nameof(Family))]
    public void Gradients_OfEveryTensor_EqualFiniteDifferences(string name)
    {
        ModelSpec spec = Cases.Named(name);
        Forecaster model = Cases.Model(spec);
        LossKind loss = spec.Head == HeadKind.Classifier ? LossKind.CrossEntropy : spec.Quantiles.Length == 1 ? LossKind.Squared : LossKind.Pinball;
        ModelTraining training = new(model, new TrainingOptions { Loss = loss, TeacherForcing = .5 });
        Batches data = new(spec);
        double first = data.Loss(training);
        Weights gradients = training.LastGradients.NewZeros();
        gradients.CopyFrom(training.LastGradients);
        Assert.True(double.IsFinite(first));
        foreach (WeightTensor tensor in gradients.Tensors)
        {
            float[] g = gradients[tensor.Name].ToArray();
            double norm = Math.Sqrt(g.Sum(v => (double)v * v));
            if (norm < 1e-5) continue;
            double[] slopes = [.. Reaches.Select(reach => Slope(model, tensor, g, reach / norm, training, data) / norm)];
            Assert.True(slopes.Any(s => Math.Abs(s - norm) < .01 * norm + 3e-5), $"{tensor.Name}: |g| {norm}, differences {string.Join(' ', slopes)}");
        }
    }

    /// <summary>Long ones drown float32's rounding, short ones step over fewer kinks of a ReLU or of the pinball loss: one must agree.</summary>
    static readonly double[] Reaches = [4e-3, 1e-3, 3e-4];

    static double Slope(Forecaster model, WeightTensor tensor, float[] direction, double factor, ModelTraining training, Batches data) =>
        (Along(model, tensor, direction, factor, training, data) - Along(model, tensor, direction, -factor, training, data)) / (2 * factor);

    static double Along(Forecaster model, WeightTensor tensor, float[] direction, double factor, ModelTraining training, Batches data)
    {
        float[] kept = model.Weights[tensor.Name].ToArray();
        Span<float> values = model.Weights.Edit(tensor.Name);
        for (int i = 0; i < kept.Length; i++) values[i] = (float)(kept[i] + factor * direction[i]);
        double loss = data.Loss(training);
        kept.CopyTo(model.Weights.Edit(tensor.Name));
        return loss;
    }

    /// <summary>The parameters that cannot matter are the only ones without a gradient.</summary>
    [Theory, MemberData(nameof(Family))]
    public void Gradients_OfEveryTensor_AreThere(string name)
    {
        ModelSpec spec = Cases.Named(name);
        if (spec is { Head: HeadKind.Decoder, Known: 0 } or { Head: HeadKind.Refine, Attention: AttentionKind.None }) return;
        ModelTraining training = new(Cases.Model(spec), new TrainingOptions { Loss = spec.Head == HeadKind.Classifier ? LossKind.CrossEntropy : LossKind.Pinball });
        new Batches(spec).Loss(training);
        foreach (WeightTensor tensor in training.LastGradients.Tensors)
            Assert.Contains(training.LastGradients[tensor.Name].ToArray(), g => g != 0);
    }

    [Fact]
    public void Gradients_AcrossBlocks_AreTheSumOfTheParts()
    {
        ModelSpec spec = new() { HiddenSize = 8, Inputs = 2, Lookback = 6, Horizons = 2 };
        ModelTraining training = new(Cases.Model(spec), new TrainingOptions());
        int rows = 2 * Cases.BlockRows + 3;
        float[] inputs = Cases.Normals(rows * 12, 1), targets = Cases.Normals(rows * 2, 2);
        double whole = training.Gradients(rows, inputs, [], targets, []);
        double parts = 0;
        for (int row = 0; row < rows; row++)
            parts += training.Gradients(1, inputs.AsSpan(row * 12, 12), [], targets.AsSpan(row * 2, 2), []) / rows;
        Assert.Equal(parts, whole, 1e-6);
    }

    [Fact]
    public void Gradients_MissingTargetsAndSampleWeights_CountOnlyWhatIsThere()
    {
        ModelSpec spec = new() { HiddenSize = 8, Lookback = 6, Horizons = 2 };
        ModelTraining training = new(Cases.Model(spec), new TrainingOptions());
        float[] inputs = Cases.Normals(18, 1);
        float[] targets = [.1f, float.NaN, .3f, .4f, .5f, .6f];
        double whole = training.Gradients(3, inputs, [], targets, [1, 2, 0]);
        double first = training.Gradients(1, inputs.AsSpan(0, 6), [], [.1f, float.NaN], []), second = training.Gradients(1, inputs.AsSpan(6, 6), [], [.3f, .4f], []);
        Assert.Equal((first + 2 * 2 * second) / 5, whole, 1e-6);
    }

    /// <summary>Steps before the window change the loss, but no gradient reaches them: the truncation is where it should be.</summary>
    [Fact]
    public void Gradients_StepsBeforeTheWindow_CarryTheStateOnly()
    {
        ModelSpec spec = new() { HiddenSize = 8, Lookback = 6, Horizons = 2, Attention = AttentionKind.None, Encoder = EncoderKind.Lstm };
        ModelTraining training = new(Cases.Model(spec), new TrainingOptions());
        float[] inputs = Cases.Normals(20, 1), targets = [.1f, .2f];
        double carried = training.Gradients(1, inputs, [], targets, []), cold = training.Gradients(1, inputs.AsSpan(14), [], targets, []);
        Assert.NotEqual(cold, carried, 1e-4);
        // With a forget gate of 0 nothing is carried, and the earlier steps cannot matter.
        training.Model.Weights.Edit("encoder.bias_ih_l0").Slice(8, 8).Fill(-1e4f);
        training.Model.Weights.Edit("encoder.weight_hh_l0").Clear();
        Assert.Equal(training.Gradients(1, inputs.AsSpan(14), [], targets, []), training.Gradients(1, inputs, [], targets, []), 1e-7);
    }

    /// <summary>One batch of windows.</summary>
    sealed class Batches
    {
        readonly float[] _inputs, _known, _targets;

        public Batches(ModelSpec spec)
        {
            _inputs = Cases.Normals(Batch * spec.Lookback * spec.Inputs, 5);
            if (spec.GapInput >= 0)
                for (int i = spec.GapInput; i < _inputs.Length; i += spec.Inputs) _inputs[i] = i % 4 == 0 ? 1 : 0;
            _known = Cases.Normals(Batch * spec.Horizons * spec.Known, 6);
            _targets = spec.Head == HeadKind.Classifier
                ? [.. Enumerable.Range(0, Batch).Select(i => (float)(i % spec.Classes))]
                : Cases.Normals(Batch * spec.TargetSize, 7);
        }

        public double Loss(ModelTraining training) => training.Gradients(Batch, _inputs, _known, _targets, []);
    }
}
