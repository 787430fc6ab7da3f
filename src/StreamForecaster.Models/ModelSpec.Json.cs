using System.Text;
using System.Text.Json;

namespace StreamForecaster.Models;

public sealed partial record ModelSpec
{
    /// <summary>The spec as one line of JSON, keys in camelCase and always in the same order.</summary>
    public string ToJson()
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream))
        {
            json.WriteStartObject();
            json.WriteString("encoder", Encoder.ToString());
            json.WriteNumber("layers", Layers);
            json.WriteNumber("hiddenSize", HiddenSize);
            json.WriteBoolean("bidirectional", Bidirectional);
            json.WriteNumber("dropout", Dropout);
            json.WriteString("attention", Attention.ToString());
            json.WriteNumber("attentionHeads", AttentionHeads);
            json.WriteString("combine", Combine.ToString());
            json.WriteString("head", Head.ToString());
            json.WriteNumber("refineRounds", RefineRounds);
            json.WriteNumber("refineTolerance", RefineTolerance);
            json.WriteNumber("inputs", Inputs);
            json.WriteNumber("outputs", Outputs);
            json.WriteNumber("known", Known);
            json.WriteNumber("gapInput", GapInput);
            json.WriteNumber("classes", Classes);
            json.WriteNumber("lookback", Lookback);
            json.WriteNumber("horizons", Horizons);
            json.WriteStartArray("quantiles");
            foreach (double quantile in Quantiles) json.WriteNumberValue(quantile);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote; missing keys take their defaults.</summary>
    /// <exception cref="FormatException">The text is no JSON object, a key is unknown, or a value is not allowed.</exception>
    public static ModelSpec FromJson(string text)
    {
        ModelSpec spec = new();
        try
        {
            using JsonDocument document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 4 });
            if (document.RootElement.ValueKind != JsonValueKind.Object) throw new FormatException("model spec: wants a JSON object");
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
                spec = With(spec, property.Name, property.Value);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FormatException("model spec: the JSON is malformed or a value has the wrong type", e);
        }
        return spec.Check() is { } wrong ? throw new FormatException("model spec: " + wrong) : spec;
    }

    static ModelSpec With(ModelSpec spec, string name, JsonElement value) => name switch
    {
        "encoder" => spec with { Encoder = Kind<EncoderKind>(name, value) },
        "layers" => spec with { Layers = Whole(name, value) },
        "hiddenSize" => spec with { HiddenSize = Whole(name, value) },
        "bidirectional" => spec with { Bidirectional = value.GetBoolean() },
        "dropout" => spec with { Dropout = value.GetDouble() },
        "attention" => spec with { Attention = Kind<AttentionKind>(name, value) },
        "attentionHeads" => spec with { AttentionHeads = Whole(name, value) },
        "combine" => spec with { Combine = Kind<CombineKind>(name, value) },
        "head" => spec with { Head = Kind<HeadKind>(name, value) },
        "refineRounds" => spec with { RefineRounds = Whole(name, value) },
        "refineTolerance" => spec with { RefineTolerance = value.GetDouble() },
        "inputs" => spec with { Inputs = Whole(name, value) },
        "outputs" => spec with { Outputs = Whole(name, value) },
        "known" => spec with { Known = Whole(name, value) },
        "gapInput" => spec with { GapInput = Whole(name, value) },
        "classes" => spec with { Classes = Whole(name, value) },
        "lookback" => spec with { Lookback = Whole(name, value) },
        "horizons" => spec with { Horizons = Whole(name, value) },
        "quantiles" => spec with { Quantiles = [.. value.EnumerateArray().Take(33).Select(q => q.GetDouble())] },
        _ => throw new FormatException($"model spec: unknown key '{(name.Length > 40 ? name[..40] : name)}'"),
    };

    static int Whole(string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int whole) ? whole : throw new FormatException($"model spec: {name} wants a whole number");

    static T Kind<T>(string name, JsonElement value)
        where T : struct, Enum =>
        Enum.GetNames<T>().Contains(value.GetString(), StringComparer.Ordinal) && Enum.TryParse(value.GetString(), out T kind)
            ? kind
            : throw new FormatException($"model spec: {name} allows {string.Join(", ", Enum.GetNames<T>())}");
}
