namespace StreamForecaster.Models;

/// <summary>One tensor of a file: float32, row-major.</summary>
public sealed record NamedTensor(string Name, int[] Shape, float[] Values);

/// <summary>The contents of a weight file.</summary>
public sealed record SafeTensorsFile(IReadOnlyDictionary<string, string> Metadata, IReadOnlyList<NamedTensor> Tensors);

/// <summary>
/// The safetensors format: eight bytes of header length, a JSON header that says where each tensor lies, the tensors.
/// Files are untrusted: every size is checked against <see cref="SafeTensorsLimits"/> before anything is allocated for it.
/// Read are F32, F16, BF16 and F64 (all become float32); written is F32.
/// </summary>
public static partial class SafeTensors
{
    const string MetadataKey = "__metadata__";

    /// <summary>The element types that are read, with their bytes.</summary>
    static int BytesOf(string type) => type switch { "F64" => 8, "F32" => 4, "F16" or "BF16" => 2, _ => 0 };
}

/// <summary>What a weight file may hold at most.</summary>
public sealed record SafeTensorsLimits
{
    /// <summary>Far above the largest model that trains in reach of a CPU (8 layers of 1,024 units are 50 million weights).</summary>
    public long MaxFileBytes { get; init; } = 512L << 20;

    /// <summary>A tensor's entry takes about 100 bytes.</summary>
    public int MaxHeaderBytes { get; init; } = 1 << 20;

    public int MaxTensors { get; init; } = 1024;

    public int MaxDimensions { get; init; } = 4;

    public int MaxNameLength { get; init; } = 256;
}
