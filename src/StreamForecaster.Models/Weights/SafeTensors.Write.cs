using System.Buffers.Binary;
using System.Text.Json;

namespace StreamForecaster.Models;

public static partial class SafeTensors
{
    /// <summary>The bytes of a file; the same contents give the same bytes.</summary>
    public static byte[] Write(SafeTensorsFile file)
    {
        byte[] header = Header(file);
        // Tensors start on a multiple of eight bytes, as the format's own writers have it; the header is padded with spaces.
        int start = (8 + header.Length + 7) / 8 * 8;
        byte[] bytes = new byte[checked(start + file.Tensors.Sum(t => 4 * t.Values.Length))];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, start - 8);
        bytes.AsSpan(8, start - 8).Fill((byte)' ');
        header.CopyTo(bytes, 8);
        int at = start;
        foreach (NamedTensor tensor in file.Tensors)
        {
            for (int i = 0; i < tensor.Values.Length; i++)
                BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(at + 4 * i), tensor.Values[i]);
            at += 4 * tensor.Values.Length;
        }
        return bytes;
    }

    static byte[] Header(SafeTensorsFile file)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream))
        {
            json.WriteStartObject();
            json.WriteStartObject(MetadataKey);
            foreach ((string key, string value) in file.Metadata.OrderBy(p => p.Key, StringComparer.Ordinal)) json.WriteString(key, value);
            json.WriteEndObject();
            long at = 0;
            foreach (NamedTensor tensor in file.Tensors)
            {
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", "F32");
                json.WriteStartArray("shape");
                foreach (int size in tensor.Shape) json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(at);
                json.WriteNumberValue(at += 4L * tensor.Values.Length);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        return stream.ToArray();
    }
}
