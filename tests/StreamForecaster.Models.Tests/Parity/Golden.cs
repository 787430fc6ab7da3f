using System.Text.Json;

namespace StreamForecaster.Models.Tests.Parity;

/// <summary>What PyTorch gave for one form: see tests/golden/make_golden.py.</summary>
sealed record GoldenCase(
    string Name, ModelSpec Spec, TrainingOptions Options, string[] Tensors, float[] Weights, float[] Inputs, float[] Known, float[] Targets, float[] Output,
    float[] Gradients, float[] Losses)
{
    public int Batch => Inputs.Length / (Spec.Lookback * Spec.Inputs);

    static readonly Lazy<Dictionary<string, GoldenCase>> All = new(ReadAll);

    public static IEnumerable<GoldenCase> Each => All.Value.Values;

    public static GoldenCase Named(string name) => All.Value[name];

    static Dictionary<string, GoldenCase> ReadAll()
    {
        byte[] bytes = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "golden", "models.safetensors"));
        SafeTensorsFile file = SafeTensors.Read(bytes);
        Dictionary<string, float[]> tensors = file.Tensors.ToDictionary(t => t.Name, t => t.Values, StringComparer.Ordinal);
        return file.Metadata.Where(m => m.Key is not "torch").Select(m => Read(m.Key, m.Value, tensors)).ToDictionary(c => c.Name, StringComparer.Ordinal);
    }

    static GoldenCase Read(string name, string json, Dictionary<string, float[]> tensors)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement root = document.RootElement, options = root.GetProperty("options");
        TrainingOptions training = new()
        {
            Optimizer = Enum.Parse<OptimizerKind>(options.GetProperty("optimizer").GetString()!),
            Loss = root.GetProperty("spec").GetProperty("classes").GetInt32() > 0 ? LossKind.CrossEntropy : Enum.Parse<LossKind>(options.GetProperty("loss").GetString()!),
            HuberWeight = options.GetProperty("huberWeight").GetDouble(),
            HuberDelta = .5,
            TeacherForcing = options.GetProperty("forced").GetBoolean() ? 1 : 0,
            TeacherForcingLast = options.GetProperty("forced").GetBoolean() ? 1 : 0,
            Schedule = ScheduleKind.Constant,
            LearningRate = options.GetProperty("optimizer").GetString() is "SgdMomentum" ? .03 : .003,
        };
        return new GoldenCase(
            name, ModelSpec.FromJson(root.GetProperty("spec").GetRawText()), training, [.. root.GetProperty("tensors").EnumerateArray().Select(t => t.GetString()!)],
            tensors[name + "/weights"], tensors[name + "/inputs"], tensors[name + "/known"], tensors[name + "/targets"], tensors[name + "/output"],
            tensors[name + "/gradients"], tensors[name + "/losses"]);
    }

    public Forecaster NewModel()
    {
        Forecaster model = Forecaster.Create(Spec, 0);
        Weights.CopyTo(model.Weights.Edit());
        return model;
    }
}

/// <summary>How far one form is from PyTorch: outputs absolute, gradients relative to the largest of their tensor, losses relative.</summary>
readonly record struct Distance(double Forward, double Gradient, double Loss)
{
    public static Distance Of(GoldenCase golden) => Of(golden, new ManagedEngine());

    public static Distance Of(GoldenCase golden, IModelEngine engine)
    {
        Forecaster model = golden.NewModel();
        float[] output = new float[golden.Output.Length];
        engine.Windows(model.Spec, model.Weights).Predict(golden.Batch, golden.Spec.Lookback, golden.Inputs, golden.Known, output);
        double forward = output.Zip(golden.Output).Max(p => Math.Abs((double)p.First - p.Second));
        ModelTraining training = new(model, golden.Options, engine);
        double gradient = 0, loss = 0;
        for (int step = 0; step < golden.Losses.Length; step++)
        {
            double ours = training.Step(golden.Batch, golden.Inputs, golden.Known, golden.Targets, []);
            if (step == 0) gradient = LargestGradientError(training.LastGradients, golden.Gradients);
            loss = Math.Max(loss, Math.Abs(ours - golden.Losses[step]) / Math.Abs(golden.Losses[step]));
        }
        return new Distance(forward, gradient, loss);
    }

    static double LargestGradientError(Weights gradients, float[] golden)
    {
        double worst = 0;
        double scale = golden.Max(Math.Abs);
        foreach (WeightTensor tensor in gradients.Tensors)
        {
            ReadOnlySpan<float> ours = gradients[tensor.Name], theirs = golden.AsSpan(tensor.Offset, tensor.Length);
            // A tensor whose gradient is nothing but rounding (softmax does not see a shift) is measured against the model's largest.
            double most = 1e-3 * scale, error = 0;
            for (int i = 0; i < ours.Length; i++)
            {
                most = Math.Max(most, Math.Abs(theirs[i]));
                error = Math.Max(error, Math.Abs(ours[i] - theirs[i]));
            }
            worst = Math.Max(worst, error / most);
        }
        return worst;
    }
}
