using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using StreamForecaster.Decoding;
using StreamForecaster.Worker.Configuration;

namespace StreamForecaster.Worker.Commands;

/// <summary><c>parse</c>: shows what a payload in a file becomes, point by point, and what is wrong with it.</summary>
public static class ParseCommand
{
    // Every spelling that people have seen elsewhere (Telegraf's, the collector's, ours) of each format.
    static readonly (string Name, DecodeFormat Format)[] Formats =
    [
        ("auto", DecodeFormat.Auto),
        ("telegraf-json", DecodeFormat.TelegrafJson),
        ("line-protocol", DecodeFormat.LineProtocol),
        ("prometheus-json", DecodeFormat.PrometheusJson),
        ("otlp-json", DecodeFormat.OtlpJson),
        ("otlp-proto", DecodeFormat.OtlpProto),
        ("mapped-json", DecodeFormat.MappedJson),
        ("telegraf", DecodeFormat.TelegrafJson),
        ("line", DecodeFormat.LineProtocol),
        ("influx", DecodeFormat.LineProtocol),
        ("prometheus", DecodeFormat.PrometheusJson),
    ];

    /// <summary>The command line of it.</summary>
    public static Command Create()
    {
        Argument<string> file = new("file") { Description = "The payload of one record: plain, gzip'd or framed." };
        Option<string> format = new("--format", "-f")
        {
            Description = "auto, telegraf-json, line-protocol, prometheus-json, otlp-json, otlp-proto or mapped-json.",
            DefaultValueFactory = _ => "auto",
        };
        Option<bool> json = new("--json") { Description = "A JSON object per point and per bad piece, one a line." };
        Option<string?> config = new("--config", "-c") { Description = "The settings file, for its section decode (mapping, units, patterns)." };
        Command command = new("parse", "Show what a payload becomes. Example: parse record.json --format telegraf-json --json")
        {
            file, format, json, config,
        };
        command.SetAction(parsed => Run(
            parsed.GetValue(file)!,
            parsed.GetValue(format)!,
            parsed.GetValue(json),
            parsed.GetValue(config),
            parsed.InvocationConfiguration.Output,
            parsed.InvocationConfiguration.Error));
        return command;
    }

    // 0: every piece is good; 1: there are bad pieces (shown); 2: nothing could be read.
    static RecordDecoder Decoder(Settings settings, DecodeFormat format) => new(settings.Decode, format, settings.Kafka.MaxRecordBytes);

    static int Run(string file, string formatName, bool json, string? config, TextWriter output, TextWriter error)
    {
        if (FormatOf(formatName) is not DecodeFormat format)
        {
            error.WriteLine(
                $"--format: '{formatName}' is not a format; allowed: {string.Join(", ", Formats.Take(7).Select(f => f.Name))}");
            return 2;
        }

        byte[] payload;
        long modifiedNs;
        RecordDecoder decoder;
        try
        {
            payload = File.ReadAllBytes(file);
            modifiedNs = (File.GetLastWriteTimeUtc(file) - DateTime.UnixEpoch).Ticks * 100;
            decoder = config is null
                ? new(new(), format, maxRecordBytes: 1 << 30)
                : Decoder(SettingsLoader.Load(config, Environment.GetEnvironmentVariables()), format);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"'{file}' cannot be read: {failure.Message}");
            return 2;
        }
        catch (Exception failure) when (failure is FormatException or SettingsException)
        {
            error.WriteLine(failure.Message);
            return 2;
        }

        // Points without a time get the record's: here, the file's.
        var points = new PointBatch(1 << 30);
        decoder.Decode(payload, modifiedNs, points);
        ShowPoints(points, json, output);
        ShowErrors(points, json, json ? output : error);
        if (!json)
        {
            error.WriteLine(
                $"{points.Count} points, {points.ErrorCount} errors, {points.SkippedCount} values that are not numbers");
        }

        return points.ErrorCount == 0 ? 0 : 1;
    }

    static DecodeFormat? FormatOf(string name)
    {
        string plain = Plain(name);
        foreach ((string known, DecodeFormat format) in Formats)
        {
            if (string.Equals(Plain(known), plain, StringComparison.OrdinalIgnoreCase))
            {
                return format;
            }
        }

        return null;

        static string Plain(string text) => text.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal);
    }

    static void ShowPoints(PointBatch points, bool json, TextWriter output)
    {
        for (int i = 0; i < points.Count; i++)
        {
            var series = SeriesIdentity.Parse(points.Key(i));
            output.WriteLine(json
                ? PointJson(series, points.TimestampNs(i), points.Value(i))
                : string.Create(CultureInfo.InvariantCulture, $"{series.Display} {points.Value(i)} {points.TimestampNs(i)}"));
        }
    }

    static void ShowErrors(PointBatch points, bool json, TextWriter output)
    {
        for (int i = 0; i < points.ErrorCount; i++)
        {
            (string reason, int at) = points.Error(i);
            output.WriteLine(json ? ErrorJson(reason, at) : $"byte {at}: {reason}");
        }
    }

    static string PointJson(SeriesIdentity series, long timestampNs, double value) => Json(json =>
    {
        json.WriteString("name", series.Name);
        json.WriteStartObject("tags");
        foreach ((string key, string tag) in series.Tags)
        {
            json.WriteString(key, tag);
        }

        json.WriteEndObject();
        json.WriteString("field", series.Field);
        json.WriteNumber("timestamp_ns", timestampNs);
        json.WriteNumber("value", value);
    });

    static string ErrorJson(string reason, int at) => Json(json =>
    {
        json.WriteString("error", reason);
        json.WriteNumber("at", at);
    });

    static string Json(Action<Utf8JsonWriter> write)
    {
        var text = new ByteBuffer(512);
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(text.Written);
    }
}
