using System.Text;
using StreamForecaster.Decoding;

namespace StreamForecaster.Tests.Decoding;

/// <summary>Mutated payloads of every format, each to its own decoder and to the one that tells them apart.</summary>
public sealed class DecoderFuzzTests
{
    const int Mutations = 100_000;

    public static TheoryData<DecodeFormat> Formats => [.. Enum.GetValues<DecodeFormat>()];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Decode_OfMutatedPayloads_NeverThrowsAndAccountsForEach(DecodeFormat format)
    {
        var random = new Random(20_260_131 + (int)format);
        var decoder = new RecordDecoder(DecoderSeeds.Sensors, format, maxRecordBytes: 64 * 1024);
        byte[][] seeds = DecoderSeeds.Of(format);
        var points = new PointBatch(1024 * 1024);
        var text = new byte[16 * 1024];
        for (int i = 0; i < Mutations; i++)
        {
            byte[] seed = seeds[i % seeds.Length];
            int length = Mutation.Apply(random, seed, text);
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
            int length = Mutation.Apply(random, seed, text);
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
}
