using System.Globalization;

namespace StreamForecaster.Models;

/// <summary>
/// A model as a safetensors file: its spec as JSON under the metadata key <c>model</c>, its tensors under PyTorch's names.
/// A file without a spec is taken for the state dict of a bare torch.nn.GRU, LSTM or RNN, and becomes an encoder with a new head.
/// </summary>
public static class ModelFile
{
    const string SpecKey = "model";
    const string EncoderPrefix = "encoder.";

    /// <summary>The bytes of the model's file; further metadata (origin, losses) may be added under other keys.</summary>
    public static byte[] Write(Forecaster model, IReadOnlyDictionary<string, string>? metadata = null)
    {
        Dictionary<string, string> all = new(metadata ?? new Dictionary<string, string>(StringComparer.Ordinal), StringComparer.Ordinal)
        {
            [SpecKey] = model.Spec.ToJson(),
            ["format"] = "pt",
        };
        return SafeTensors.Write(new SafeTensorsFile(all, [.. model.Weights.Tensors.Select(t => new NamedTensor(t.Name, t.Shape, model.Weights[t.Name].ToArray()))]));
    }

    /// <summary>The model in a file.</summary>
    /// <exception cref="FormatException">One line that says what is wrong with the file.</exception>
    public static Forecaster Read(ReadOnlyMemory<byte> file)
    {
        SafeTensorsFile contents = SafeTensors.Read(file);
        ModelSpec spec = contents.Metadata.TryGetValue(SpecKey, out string? json) ? ModelSpec.FromJson(json) : BareSpec(contents);
        bool bare = json is null;
        RequireRoom(spec, contents, bare);
        Forecaster model = bare ? Forecaster.Create(spec, 0) : new Forecaster(spec, new Weights(WeightLayout.Of(spec)));
        Fill(model, contents, bare ? t => t.Name.StartsWith(EncoderPrefix, StringComparison.Ordinal) : _ => true);
        return model;
    }

    /// <summary>Puts a file's encoder (a model's, or a bare state dict's) into a model of one's own: a start for transfer.</summary>
    /// <exception cref="FormatException">The file's encoder does not fit the model's.</exception>
    public static void ReadEncoder(ReadOnlyMemory<byte> file, Forecaster model) =>
        Fill(model, SafeTensors.Read(file), t => t.Name.StartsWith(EncoderPrefix, StringComparison.Ordinal));

    /// <summary>A spec that promises more than the file holds must not make us allocate it.</summary>
    static void RequireRoom(ModelSpec spec, SafeTensorsFile contents, bool isBare)
    {
        long held = contents.Tensors.Sum(t => (long)t.Values.Length);
        long wanted = WeightLayout.Of(spec).Where(t => !isBare || t.Name.StartsWith(EncoderPrefix, StringComparison.Ordinal)).Sum(t => (long)t.Length);
        if (wanted > held) throw new FormatException($"model file: the spec wants {wanted} weights; the file holds {held}");
    }

    static void Fill(Forecaster model, SafeTensorsFile contents, Func<WeightTensor, bool> isWanted)
    {
        Dictionary<string, NamedTensor> byName = contents.Tensors.ToDictionary(t => FullName(t.Name), StringComparer.Ordinal);
        int taken = 0;
        foreach (WeightTensor wanted in model.Weights.Tensors.Where(isWanted))
        {
            if (!byName.TryGetValue(wanted.Name, out NamedTensor? found)) throw new FormatException($"model file: tensor '{wanted.Name}' is missing");
            if (!found.Shape.AsSpan().SequenceEqual(wanted.Shape))
                throw new FormatException($"model file: tensor '{wanted.Name}' has shape [{string.Join(", ", found.Shape)}]; wants [{string.Join(", ", wanted.Shape)}]");
            found.Values.CopyTo(model.Weights.Edit(wanted.Name));
            taken++;
        }
        if (model.Weights.Tensors.All(isWanted) && taken != byName.Count)
            throw new FormatException($"model file: tensor '{byName.Keys.First(n => !model.Weights.Contains(n))}' does not belong to the spec");
    }

    /// <summary>A bare state dict names its tensors without the module they are in.</summary>
    static string FullName(string name) =>
        name.StartsWith("weight_", StringComparison.Ordinal) || name.StartsWith("bias_", StringComparison.Ordinal) ? EncoderPrefix + name : name;

    /// <summary>What the shapes of a bare state dict say: cell, units, inputs, layers, directions. Attention and head are chosen by nobody: none, and zeros.</summary>
    static ModelSpec BareSpec(SafeTensorsFile contents)
    {
        Dictionary<string, int[]> shapes = contents.Tensors.ToDictionary(t => FullName(t.Name), t => t.Shape, StringComparer.Ordinal);
        if (!shapes.TryGetValue("encoder.weight_ih_l0", out int[]? input) || !shapes.TryGetValue("encoder.weight_hh_l0", out int[]? state)
            || input.Length != 2 || state.Length != 2 || state[1] == 0 || state[0] % state[1] != 0)
            throw new FormatException("model file: the metadata has no 'model', and the tensors are no state dict of torch.nn.GRU, LSTM or RNN");
        int layers = 1;
        while (layers < 9 && shapes.ContainsKey(string.Create(CultureInfo.InvariantCulture, $"encoder.weight_ih_l{layers}"))) layers++;
        EncoderKind encoder = (state[0] / state[1]) switch
        {
            1 => EncoderKind.Rnn,
            3 => EncoderKind.Gru,
            4 => EncoderKind.Lstm,
            int gates => throw new FormatException($"model file: a cell of {gates} gates; known are 1 (RNN), 3 (GRU), 4 (LSTM)"),
        };
        ModelSpec spec = new()
        {
            Encoder = encoder,
            HiddenSize = state[1],
            Inputs = input[1],
            Layers = layers,
            Bidirectional = shapes.ContainsKey("encoder.weight_ih_l0_reverse"),
            Attention = AttentionKind.None,
        };
        return spec.Check() is { } wrong ? throw new FormatException("model file: " + wrong) : spec;
    }
}
