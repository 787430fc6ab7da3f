using System.Buffers.Binary;
using System.Text.Json;

namespace StreamForecaster.Models;

public static partial class SafeTensors
{
    readonly record struct Entry(string Name, string Type, int[] Shape, long Begin, long End);

    /// <summary>Reads a whole file from memory.</summary>
    /// <exception cref="FormatException">One line that says what is wrong and where.</exception>
    public static SafeTensorsFile Read(ReadOnlyMemory<byte> file) => Read(file, new SafeTensorsLimits());

    /// <inheritdoc cref="Read(ReadOnlyMemory{byte})"/>
    public static SafeTensorsFile Read(ReadOnlyMemory<byte> file, SafeTensorsLimits limits)
    {
        if (file.Length > limits.MaxFileBytes) throw Bad($"the file has {file.Length} bytes; allowed are {limits.MaxFileBytes}");
        if (file.Length < 8) throw Bad($"the file has {file.Length} bytes; the header's length alone takes 8");
        ulong headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(file.Span);
        if (headerBytes > (ulong)limits.MaxHeaderBytes) throw Bad($"the header says it has {headerBytes} bytes; allowed are {limits.MaxHeaderBytes}");
        if (headerBytes > (ulong)(file.Length - 8)) throw Bad($"the header says it has {headerBytes} bytes; the file ends after {file.Length - 8}");
        ReadOnlyMemory<byte> data = file[(8 + (int)headerBytes)..];
        (Dictionary<string, string> metadata, List<Entry> entries) = ReadHeader(file.Slice(8, (int)headerBytes), limits);
        CheckPlaces(entries, data.Length);
        return new SafeTensorsFile(metadata, [.. entries.Select(e => new NamedTensor(e.Name, e.Shape, Values(e, data.Span)))]);
    }

    static FormatException Bad(string what) => new("safetensors: " + what);

    static string Quoted(string name) => name.Length > 60 ? $"'{name[..60]}…'" : $"'{name}'";

    static (Dictionary<string, string> Metadata, List<Entry> Entries) ReadHeader(ReadOnlyMemory<byte> header, SafeTensorsLimits limits)
    {
        Dictionary<string, string> metadata = new(StringComparer.Ordinal);
        List<Entry> entries = [];
        HashSet<string> names = new(StringComparer.Ordinal);
        try
        {
            using JsonDocument document = JsonDocument.Parse(header, new JsonDocumentOptions { MaxDepth = 8 });
            if (document.RootElement.ValueKind != JsonValueKind.Object) throw Bad("the header is not a JSON object");
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                if (property.Name.Length > limits.MaxNameLength)
                    throw Bad($"the name {Quoted(property.Name)} has {property.Name.Length} characters; allowed are {limits.MaxNameLength}");
                if (!names.Add(property.Name)) throw Bad($"{Quoted(property.Name)} is there twice");
                if (string.Equals(property.Name, MetadataKey, StringComparison.Ordinal)) ReadMetadata(property.Value, metadata);
                else entries.Add(ReadEntry(property.Name, property.Value, limits));
                if (entries.Count > limits.MaxTensors) throw Bad($"there are more than {limits.MaxTensors} tensors");
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            long at = (e as JsonException)?.BytePositionInLine ?? 0;
            throw new FormatException($"safetensors: the header is malformed JSON at byte {8 + at}", e);
        }
        return (metadata, entries);
    }

    static void ReadMetadata(JsonElement value, Dictionary<string, string> metadata)
    {
        if (value.ValueKind != JsonValueKind.Object) throw Bad($"{MetadataKey} is not a JSON object");
        foreach (JsonProperty property in value.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.String) throw Bad($"{MetadataKey} {Quoted(property.Name)} is not text");
            metadata[property.Name] = property.Value.GetString()!;
        }
    }

    static Entry ReadEntry(string name, JsonElement value, SafeTensorsLimits limits)
    {
        if (value.ValueKind != JsonValueKind.Object) throw Bad($"tensor {Quoted(name)} is not a JSON object");
        string? type = value.TryGetProperty("dtype", out JsonElement dtype) && dtype.ValueKind == JsonValueKind.String ? dtype.GetString() : null;
        if (type is null) throw Bad($"tensor {Quoted(name)} has no dtype");
        if (BytesOf(type) == 0) throw Bad($"tensor {Quoted(name)} is of type {Quoted(type)}; allowed are F32, F16, BF16, F64");
        long[] shape = Numbers(name, value, "shape", limits.MaxDimensions), offsets = Numbers(name, value, "data_offsets", 2);
        if (offsets.Length != 2) throw Bad($"tensor {Quoted(name)} has {offsets.Length} data_offsets; wants 2");
        long length = BytesOf(type);
        foreach (long size in shape)
        {
            if (size is < 0 or > int.MaxValue || (size > 0 && length > limits.MaxFileBytes / size))
                throw Bad($"tensor {Quoted(name)} of shape [{string.Join(", ", shape)}] is larger than the {limits.MaxFileBytes} bytes allowed");
            length *= size;
        }
        if (offsets[1] - offsets[0] != length)
            throw Bad($"tensor {Quoted(name)} of shape [{string.Join(", ", shape)}] wants {length} bytes; its offsets give {offsets[1] - offsets[0]}");
        return new Entry(name, type, [.. shape.Select(s => (int)s)], offsets[0], offsets[1]);
    }

    static long[] Numbers(string name, JsonElement tensor, string key, int most)
    {
        if (!tensor.TryGetProperty(key, out JsonElement list) || list.ValueKind != JsonValueKind.Array) throw Bad($"tensor {Quoted(name)} has no {key}");
        if (list.GetArrayLength() > most) throw Bad($"tensor {Quoted(name)} has {list.GetArrayLength()} values of {key}; allowed are {most}");
        long[] numbers = new long[list.GetArrayLength()];
        for (int i = 0; i < numbers.Length; i++)
            if (list[i].ValueKind != JsonValueKind.Number || !list[i].TryGetInt64(out numbers[i]) || numbers[i] < 0)
                throw Bad($"tensor {Quoted(name)}: {key}[{i}] is no whole number of 0 or more");
        return numbers;
    }

    /// <summary>The tensors must fill the data, without gap and without overlap: what the format demands, so that nothing hides between.</summary>
    static void CheckPlaces(List<Entry> entries, long dataBytes)
    {
        long at = 0;
        foreach (Entry entry in entries.OrderBy(e => e.Begin).ThenBy(e => e.End))
        {
            if (entry.Begin < at) throw Bad($"tensor {Quoted(entry.Name)} begins at {entry.Begin}, inside another that ends at {at}");
            if (entry.Begin > at) throw Bad($"nothing says what bytes {at}..{entry.Begin} are, before tensor {Quoted(entry.Name)}");
            if (entry.End > dataBytes) throw Bad($"tensor {Quoted(entry.Name)} ends at {entry.End}; the data ends at {dataBytes}");
            at = entry.End;
        }
        if (at != dataBytes) throw Bad($"{dataBytes - at} bytes follow the last tensor");
    }

    static float[] Values(Entry entry, ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<byte> bytes = data[(int)entry.Begin..(int)entry.End];
        int size = BytesOf(entry.Type);
        float[] values = new float[bytes.Length / size];
        for (int i = 0; i < values.Length; i++)
        {
            ReadOnlySpan<byte> one = bytes.Slice(i * size, size);
            values[i] = entry.Type switch
            {
                "F32" => BinaryPrimitives.ReadSingleLittleEndian(one),
                "F16" => (float)BinaryPrimitives.ReadHalfLittleEndian(one),
                "BF16" => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(one) << 16),
                _ => (float)BinaryPrimitives.ReadDoubleLittleEndian(one),
            };
            if (!float.IsFinite(values[i])) throw Bad($"tensor {Quoted(entry.Name)}: value {i} is not a finite number");
        }
        return values;
    }
}
