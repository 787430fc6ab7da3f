using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using StreamForecaster.State;

namespace StreamForecaster.SystemTests.Faults;

/// <summary>A database that takes most lines of a request and not all: some lines, always the same ones, are refused in each of the ways in which InfluxDB
/// says so. What it took and what it refused is written down.</summary>
/// <param name="oneIn">One line in so many is refused.</param>
sealed class PartialWrites(ulong oneIn)
{
    /// <summary>Why a line is refused, in every form of the answer.</summary>
    internal const string Reason = "input field conflicts with its type";

    static readonly string[] Forms = ["text named", "text named, nothing in", "numbered", "counted"];

    readonly Lock _gate = new();
    readonly HashSet<ulong> _accepted = [];
    readonly HashSet<string> _refused = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, int> _told = new(StringComparer.Ordinal);
    int _turn;

    /// <summary>How often each form was told.</summary>
    internal IReadOnlyDictionary<string, int> Told => _told;

    /// <summary>Distinct lines that are in.</summary>
    internal int Accepted => _accepted.Count;

    /// <summary>Distinct lines that were refused, as <see cref="Known"/> has them.</summary>
    internal IReadOnlySet<string> Refused => _refused;

    /// <summary>A line without the zeros at its end: a timestamp in seconds and the same in nanoseconds are one.</summary>
    internal static string Known(string line) => line.TrimEnd('0');

    /// <summary>Takes a request's lines; true where it answered that some are refused.</summary>
    internal async Task<bool> AnswerAsync(HttpContext context, ReadOnlyMemory<byte> body)
    {
        string[] lines = Encoding.UTF8.GetString(body.Span).TrimEnd('\n').Split('\n');
        int[] bad = [.. Enumerable.Range(0, lines.Length).Where(i => Hash(lines[i]) % oneIn == 0)];
        string form;
        lock (_gate)
        {
            form = bad.Length == 0 ? "" : Forms[_turn++ % Forms.Length];
            _told[form] = _told.GetValueOrDefault(form) + 1;
            _refused.UnionWith(bad.Select(i => Known(lines[i])));
            if (!string.Equals(form, "text named, nothing in", StringComparison.Ordinal))
            {
                _accepted.UnionWith(lines.Except(bad.Select(i => lines[i]), StringComparer.Ordinal).Select(Hash));
            }
        }

        if (bad.Length == 0)
        {
            return false;
        }

        context.Response.StatusCode = string.Equals(form, "counted", StringComparison.Ordinal) ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status400BadRequest;
        await context.Response.WriteAsync(Answer(form, lines, bad));
        return true;
    }

    static ulong Hash(string line) => KeyHash.Of(Encoding.UTF8.GetBytes(Known(line)));

    // 1.x: the texts of lines; 2.x: the texts, and nothing is in, or a count; 3.x: their numbers.
    static string Answer(string form, string[] lines, int[] bad)
    {
        string texts = string.Join('\n', bad.Select(i => $"unable to parse '{lines[i]}': {Reason}"));
        return form switch
        {
            "text named" => $$"""{"error":{{Text($"partial write: {texts} dropped=0")}}}""",
            "text named, nothing in" => $$"""{"code":"invalid","message":{{Text(texts)}}}""",
            "numbered" => $$"""{"error":"partial write of line protocol occurred","data":[{{string.Join(',', bad.Select(i =>
                $$"""{"original_line":{{Text(lines[i])}},"line_number":{{i + 1}},"error_message":"{{Reason}}"}"""))}}]}""",
            _ => $$"""{"code":"unprocessable entity","message":"failure writing points to database: partial write: {{Reason}} dropped={{bad.Length}}"}""",
        };
    }

    static string Text(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}
