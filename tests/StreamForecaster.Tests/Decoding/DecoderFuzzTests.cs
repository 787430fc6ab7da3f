using System.Text;
using StreamForecaster.Decoding;

namespace StreamForecaster.Tests.Decoding;

/// <summary>Mutated payloads of every format, each to its own decoder and to the one that tells them apart.</summary>
public sealed class DecoderFuzzTests
{
    const int Mutations = 100_000;

    static readonly byte[][] Splices =
    [
        [.. "\""u8], [.. "\\"u8], [.. "{"u8], [.. "}"u8], [.. "["u8], [.. "]"u8], [.. ","u8], [.. ":"u8], [.. "="u8], [.. " "u8], [.. "\n"u8],
        [.. "\\u"u8], [.. "\\ud800"u8], [.. "1e400"u8], [.. "NaN"u8], [.. "null"u8], [.. "-"u8], [.. "9999-12-31T23:59:59Z"u8],
        [.. "99999999999999999999"u8], [0], [0xff], [0xc3, 0x28], [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80], [0x1f, 0x8b, 8],
    ];

    public static TheoryData<DecodeFormat> Formats => [.. Enum.GetValues<DecodeFormat>()];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Decode_OfMutatedPayloads_NeverThrowsAndAccountsForEach(DecodeFormat format)
    {
        var random = new Random(20_260_131 + (int)format);
        var decoder = new RecordDecoder(MappedJsonDecoderTests.Sensors, format, maxRecordBytes: 64 * 1024);
        byte[][] seeds = Seeds(format);
        var points = new PointBatch(1024 * 1024);
        var text = new byte[16 * 1024];
        for (int i = 0; i < Mutations; i++)
        {
            byte[] seed = seeds[i % seeds.Length];
            int length = Mutate(random, seed, text);
            points.Clear();
            decoder.Decode(text.AsSpan(0, length), Decoded.RecordNs, points);
            if (points.Count + points.ErrorCount + points.SkippedCount == 0)
            {
                Assert.Fail($"mutation {i} is not accounted for: {Encoding.Latin1.GetString(text, 0, length)}");
            }

            Check(points, length);
            if (i % 64 == 0)
            {
                // What went before leaves no trace: a good record passes as ever.
                points.Clear();
                decoder.Decode(seed, Decoded.RecordNs, points);
                Assert.Equal(0, points.ErrorCount);
                Assert.NotEqual(0, points.Count);
            }
        }
    }

    [Fact]
    public void Lines_AroundAMutatedOne_Pass()
    {
        var random = new Random(7);
        var decoder = new RecordDecoder(new(), DecodeFormat.LineProtocol);
        var points = new PointBatch();
        byte[] good = Encoding.UTF8.GetBytes("good,k=v f=1 1458229140000000000\n");
        byte[] seed = Encoding.UTF8.GetBytes("cpu,host=a,cpu=cpu0 usage_idle=97.5,n=3i 1458229140000000000");
        var text = new byte[4096];
        for (int i = 0; i < 20_000; i++)
        {
            int length = Mutate(random, seed, text);
            if (text.AsSpan(0, length).Contains((byte)'"'))
            {
                continue; // a quote may swallow the lines after it, lawfully
            }

            points.Clear();
            decoder.Decode([.. good, .. text.AsSpan(0, length), (byte)'\n', .. good], 0, points);
            int passed = Enumerable.Range(0, points.Count).Count(p => points.Key(p).StartsWith("good,"u8));
            Assert.True(passed >= 2, Encoding.Latin1.GetString(text, 0, length));
        }
    }

    static void Check(PointBatch points, int length)
    {
        for (int p = 0; p < points.Count; p++)
        {
            Assert.True(double.IsFinite(points.Value(p)));
            if (p == 0)
            {
                Assert.NotEmpty(SeriesIdentity.Parse(points.Key(p)).Name);
            }
        }

        for (int e = 0; e < points.ErrorCount; e++)
        {
            Assert.True(points.Error(e).At >= 0 && points.Error(e).At <= Math.Max(length, 64 * 1024));
        }
    }

    static byte[][] Seeds(DecodeFormat format)
    {
        byte[] telegraf = Encoding.UTF8.GetBytes(
            """{"metrics":[{"fields":{"a":30,"b":4.5,"s":"x"},"name":"docker","tags":{"host":"ray\u00e9nor"},"timestamp":1458229140},{"fields":{"a":1},"name":"m","tags":{},"timestamp":1458229140}]}""");
        byte[] lines = Encoding.UTF8.GetBytes("cpu,host=a,cpu=cpu0 usage_idle=97.5,n=3i,ok=true,s=\"x\" 1458229140000000000\nm\\ n f=1\n");
        byte[] prometheus = Encoding.UTF8.GetBytes(
            """{"timestamp":"2016-03-17T15:39:00.5+01:00","value":"9876543210","name":"up","labels":{"__name__":"up","label1":"value1"}}""");
        byte[] otlp = Encoding.UTF8.GetBytes(OtlpPayloads.Json);
        byte[] mapped = Encoding.UTF8.GetBytes(MappedJsonDecoderTests.Sensor);
        byte[] enveloped = Encoding.UTF8.GetBytes($$"""{"schema":{"type":"struct"},"payload":{{MappedJsonDecoderTests.Sensor}}}""");
        byte[] framed = [0, 0, 0, 0, 7, .. telegraf];
        byte[] zipped = RecordDecoderTests.Gzip(telegraf);
        return format switch
        {
            DecodeFormat.TelegrafJson => [telegraf, framed],
            DecodeFormat.LineProtocol => [lines],
            DecodeFormat.PrometheusJson => [prometheus],
            DecodeFormat.OtlpJson => [otlp],
            DecodeFormat.OtlpProto => [OtlpPayloads.Proto()],
            DecodeFormat.MappedJson => [mapped, enveloped],
            _ => [telegraf, lines, prometheus, otlp, OtlpPayloads.Proto(), mapped, enveloped, framed, zipped],
        };
    }

    static int Mutate(Random random, byte[] seed, Span<byte> text)
    {
        int length = seed.Length;
        seed.CopyTo(text);
        for (int edits = random.Next(1, 5); edits > 0 && length > 0; edits--)
        {
            int at = random.Next(length);
            switch (random.Next(5))
            {
                case 0:
                    text[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    text[at] = (byte)random.Next(256);
                    break;
                case 2:
                    length = at; // cut off
                    break;
                case 3:
                    int removed = Math.Min(random.Next(1, 12), length - at);
                    text[(at + removed)..length].CopyTo(text[at..]);
                    length -= removed;
                    break;
                default:
                    byte[] splice = Splices[random.Next(Splices.Length)];
                    text[at..length].CopyTo(text[(at + splice.Length)..]);
                    splice.CopyTo(text[at..]);
                    length += splice.Length;
                    break;
            }
        }

        return length;
    }
}
