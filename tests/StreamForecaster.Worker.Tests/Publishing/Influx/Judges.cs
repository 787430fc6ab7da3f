using System.Globalization;
using System.Text.Json;

namespace StreamForecaster.Worker.Tests.Publishing.Influx;

/// <summary>The ways in which InfluxDB's versions refuse some lines of a request.</summary>
static class Judges
{
    /// <summary>1.x and 2.x on types in conflict: the good lines are in, only the number of the others is told.</summary>
    public static Func<FakeInflux, IReadOnlyList<string>, TimeSpan, (int Status, string Body)?> Dropping(HashSet<string> bad, int status) =>
        (server, lines, unit) =>
        {
            server.Store(lines.Where(line => !bad.Contains(line)), unit);
            int dropped = lines.Count(bad.Contains);
            return dropped == 0
                ? null
                : (status, $$"""{"error":"partial write: field type conflict: input field \"yhat\" is type string dropped={{dropped}}"}""");
        };

    /// <summary>3.x: the good lines are in, the others are numbered.</summary>
    public static Func<FakeInflux, IReadOnlyList<string>, TimeSpan, (int Status, string Body)?> Numbered(HashSet<string> bad, int status) =>
        (server, lines, unit) =>
        {
            server.Store(lines.Where(line => !bad.Contains(line)), unit);
            string[] data =
            [
                .. lines.Index().Where(line => bad.Contains(line.Item)).Select(line => string.Create(
                    CultureInfo.InvariantCulture,
                    $$"""{"original_line":{{JsonSerializer.Serialize(line.Item)}},"line_number":{{line.Index + 1}},"error_message":"field type conflict"}""")),
            ];
            return data.Length == 0
                ? null
                : (status, $$"""{"error":"partial write of line protocol occurred","data":[{{string.Join(',', data)}}]}""");
        };

    /// <summary>Lines that do not parse are repeated by 1.x, which takes the others, and by 2.x, which then takes nothing.</summary>
    public static Func<FakeInflux, IReadOnlyList<string>, TimeSpan, (int Status, string Body)?> Parsing(HashSet<string> bad, bool partial) =>
        (server, lines, unit) =>
        {
            if (!lines.Any(bad.Contains))
            {
                return null;
            }

            if (partial)
            {
                server.Store(lines.Where(line => !bad.Contains(line)), unit);
            }

            string named = string.Join('\n', lines.Where(bad.Contains).Select(line => $"unable to parse '{line}': missing fields"));
            string message = partial ? $"partial write: {named} dropped=0" : named;
            return (400, JsonSerializer.Serialize(new Dictionary<string, string> { [partial ? "error" : "message"] = message }));
        };
}
