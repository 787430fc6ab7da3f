using System.Buffers.Binary;
using System.Text;

namespace StreamForecaster.Tests.Decoding;

/// <summary>The same metrics as OTLP JSON and protobuf, and a small protobuf writer to make the latter.</summary>
static class OtlpPayloads
{
    public const ulong TimeNs = 1_544_712_660_300_000_000;

    public const string Json =
        """{"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"my.service"}}]},"scopeMetrics":[{"scope":{"name":"x","version":"1.0.0"},"metrics":[{"name":"my.counter","unit":"1","sum":{"aggregationTemporality":1,"isMonotonic":true,"dataPoints":[{"asDouble":5,"startTimeUnixNano":"1544712660300000000","timeUnixNano":"1544712660300000000","attributes":[{"key":"k","value":{"stringValue":"v"}}]}]}},{"name":"my.gauge","gauge":{"dataPoints":[{"asInt":"10","timeUnixNano":"1544712660300000000"}]}}]}]}]}""";

    public static byte[] Proto()
    {
        byte[] counterPoint =
            [.. Message(7, Attribute("k", "v")), .. Fixed(2, TimeNs), .. Fixed(3, TimeNs), .. Fixed(4, BitConverter.DoubleToUInt64Bits(5))];
        byte[] counter = [.. Bytes(1, "my.counter"), .. Bytes(3, "1"), .. Message(7, [.. Message(1, counterPoint), .. Varint(2, 1), .. Varint(3, 1)])];
        byte[] gaugePoint = [.. Fixed(3, TimeNs), .. Fixed(6, 10)];
        byte[] gauge = [.. Bytes(1, "my.gauge"), .. Message(5, Message(1, gaugePoint))];
        byte[] scope = [.. Message(1, [.. Bytes(1, "x"), .. Bytes(2, "1.0.0")]), .. Message(2, counter), .. Message(2, gauge)];
        return Resource(scope);
    }

    public static byte[] Resource(byte[] scope) =>
        Message(1, [.. Message(1, Message(1, Attribute("service.name", "my.service"))), .. Message(2, scope)]);

    public static byte[] Attribute(string key, string value) => [.. Bytes(1, key), .. Message(2, Bytes(1, value))];

    public static byte[] Message(int field, byte[] content) => [.. Number((ulong)((field << 3) | 2)), .. Number((ulong)content.Length), .. content];

    public static byte[] Bytes(int field, string text) => Message(field, Encoding.UTF8.GetBytes(text));

    public static byte[] Varint(int field, ulong value) => [.. Number((ulong)(field << 3)), .. Number(value)];

    public static byte[] Fixed(int field, ulong value)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return [.. Number((ulong)((field << 3) | 1)), .. bytes];
    }

    public static byte[] Fixed(int field, double value) => Fixed(field, BitConverter.DoubleToUInt64Bits(value));

    static List<byte> Number(ulong value)
    {
        List<byte> bytes = [];
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
        return bytes;
    }
}
