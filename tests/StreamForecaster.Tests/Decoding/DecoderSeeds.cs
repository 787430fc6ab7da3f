using System.IO.Compression;
using System.Text;
using StreamForecaster.Decoding;

namespace StreamForecaster.Tests.Decoding;

/// <summary>Good payloads of every format, to be damaged.</summary>
static class DecoderSeeds
{
    /// <summary>A sensor's reading in a JSON of its own.</summary>
    internal const string Sensor = """{"timestamp":1638360000000,"location":"warehouse_a","sensor":{"id":"sensor_001"},"temp":22.5}""";

    /// <summary>How it is mapped.</summary>
    internal static readonly DecodeOptions Sensors = new()
    {
        Mapping = new()
        {
            Name = "climate",
            Time = "timestamp",
            Tags = new Dictionary<string, string>(StringComparer.Ordinal) { ["site"] = "location", ["sensor"] = "sensor.id" },
            Values = new Dictionary<string, string>(StringComparer.Ordinal) { ["temp"] = "temp", ["humidity"] = "air.humidity" },
        },
    };


    /// <summary>The payloads that a topic's format takes.</summary>
    internal static byte[][] Of(DecodeFormat format)
    {
        byte[] telegraf = Encoding.UTF8.GetBytes(
            """{"metrics":[{"fields":{"a":30,"b":4.5,"s":"x"},"name":"docker","tags":{"host":"ray\u00e9nor"},"timestamp":1458229140},{"fields":{"a":1},"name":"m","tags":{},"timestamp":1458229140}]}""");
        byte[] lines = Encoding.UTF8.GetBytes("cpu,host=a,cpu=cpu0 usage_idle=97.5,n=3i,ok=true,s=\"x\" 1458229140000000000\nm\\ n f=1\n");
        byte[] prometheus = Encoding.UTF8.GetBytes(
            """{"timestamp":"2016-03-17T15:39:00.5+01:00","value":"9876543210","name":"up","labels":{"__name__":"up","label1":"value1"}}""");
        byte[] otlp = Encoding.UTF8.GetBytes(OtlpPayloads.Json);
        byte[] mapped = Encoding.UTF8.GetBytes(Sensor);
        byte[] enveloped = Encoding.UTF8.GetBytes($$"""{"schema":{"type":"struct"},"payload":{{Sensor}}}""");
        byte[] framed = [0, 0, 0, 0, 7, .. telegraf];
        byte[] zipped = Gzip(telegraf);
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

    /// <summary>Compressed.</summary>
    internal static byte[] Gzip(byte[] plain)
    {
        using var to = new MemoryStream();
        using (var gzip = new GZipStream(to, CompressionLevel.Fastest))
        {
            gzip.Write(plain);
        }

        return to.ToArray();
    }
}
