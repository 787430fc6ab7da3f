namespace StreamForecaster.Models.Tests;

public sealed class ModelFileTests
{
    public static TheoryData<string> Family => Cases.FamilyNames;

    [Theory, MemberData(nameof(Family))]
    public void Write_ThenRead_IsTheSameModel(string name)
    {
        Forecaster model = Cases.Model(Cases.Named(name));
        byte[] file = ModelFile.Write(model, new Dictionary<string, string> { ["origin"] = "test" });
        Forecaster read = ModelFile.Read(file);
        Assert.Equal(model.Spec, read.Spec);
        Assert.Equal(model.Weights.Values.ToArray(), read.Weights.Values.ToArray());
        Assert.Equal(file, ModelFile.Write(read, new Dictionary<string, string> { ["origin"] = "test" }));
    }

    [Fact]
    public void Read_BareStateDict_BecomesAnEncoder()
    {
        Forecaster model = Cases.Model(new ModelSpec { HiddenSize = 5, Inputs = 2, Layers = 2, Bidirectional = true, Encoder = EncoderKind.Lstm, Attention = AttentionKind.None });
        NamedTensor[] bare = [.. model.Weights.Tensors.Where(t => t.Name.StartsWith("encoder.", StringComparison.Ordinal))
            .Select(t => new NamedTensor(t.Name["encoder.".Length..], t.Shape, model.Weights[t.Name].ToArray()))];
        byte[] file = SafeTensors.Write(new SafeTensorsFile(new Dictionary<string, string>(), bare));
        Forecaster read = ModelFile.Read(file);
        Assert.Equal(model.Spec, read.Spec);
        Assert.Equal(model.Weights["encoder.weight_hh_l1_reverse"].ToArray(), read.Weights["encoder.weight_hh_l1_reverse"].ToArray());
        Assert.All(read.Weights["head.weight"].ToArray(), v => Assert.Equal(0, v));

        Forecaster other = Forecaster.Create(model.Spec with { Attention = AttentionKind.Dot }, 9);
        ModelFile.ReadEncoder(file, other);
        Assert.Equal(model.Weights["encoder.bias_hh_l0"].ToArray(), other.Weights["encoder.bias_hh_l0"].ToArray());
    }

    /// <summary>The file was made of torch.nn.GRU(3, 5, 2).state_dict() by make_golden.py; a head that shows the units gives torch's last state.</summary>
    [Fact]
    public void Read_StateDictOfTorchGru_GivesItsLastState()
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "golden");
        Forecaster model = ModelFile.Read(File.ReadAllBytes(Path.Combine(folder, "gru.safetensors")));
        Assert.Equal((EncoderKind.Gru, 5, 3, 2), (model.Spec.Encoder, model.Spec.HiddenSize, model.Spec.Inputs, model.Spec.Layers));
        Dictionary<string, float[]> golden = SafeTensors.Read(File.ReadAllBytes(Path.Combine(folder, "models.safetensors"))).Tensors
            .ToDictionary(t => t.Name, t => t.Values, StringComparer.Ordinal);
        Span<float> head = model.Weights.Edit("head.weight");
        int quantiles = model.Spec.Quantiles.Length;
        for (int unit = 0; unit < 5; unit++)
            for (int q = 0; q < quantiles; q++) head[(unit * quantiles + q) * 5 + unit] = 1;
        float[] output = new float[model.Spec.OutputSize];
        model.Predict(1, golden["torch.nn.GRU/inputs"], [], output);
        for (int unit = 0; unit < 5; unit++) Assert.Equal(golden["torch.nn.GRU/state"][unit], output[unit * quantiles], 1e-5);
    }

    [Fact]
    public void Read_TensorsThatDoNotFitTheSpec_SaysWhich()
    {
        Forecaster model = Cases.Model(new ModelSpec { HiddenSize = 4 });
        SafeTensorsFile file = SafeTensors.Read(ModelFile.Write(model));
        Assert.Contains("the spec wants", Refusal(file with { Tensors = [.. file.Tensors.SkipLast(1)] }));
        Assert.Contains("'head.bias' is missing", Refusal(file with { Tensors = [.. file.Tensors.SkipLast(1), new("head.b", [36], new float[36])] }));
        Assert.Contains("has shape [36, 1]; wants [36]", Refusal(file with { Tensors = [.. file.Tensors.SkipLast(1), new("head.bias", [36, 1], new float[36])] }));
        Assert.Contains("'extra' does not belong", Refusal(file with { Tensors = [.. file.Tensors, new("extra", [1], [0])] }));
        Assert.Contains("the spec wants", Refusal(file with { Metadata = new Dictionary<string, string> { ["model"] = (model.Spec with { HiddenSize = 5 }).ToJson() } }));
        Assert.Contains("no 'model'", Refusal(file with { Metadata = new Dictionary<string, string>(), Tensors = [.. file.Tensors.Skip(2)] }));

        static string Refusal(SafeTensorsFile file) => Assert.Throws<FormatException>(() => ModelFile.Read(SafeTensors.Write(file))).Message;
    }
}
