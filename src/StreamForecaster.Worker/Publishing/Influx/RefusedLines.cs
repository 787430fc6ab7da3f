using System.Globalization;
using System.Text;
using System.Text.Json;

namespace StreamForecaster.Worker.Publishing.Influx;

/// <summary>
/// Finds out from a 400 or 422 which lines were refused. InfluxDB 1.x and 2.x repeat the text of lines they cannot parse; 3.x sends
/// their numbers; of lines dropped for another reason (types in conflict, too old) only the count is told.
/// </summary>
/// <param name="Message">The server's words.</param>
/// <param name="Named">Index of a line in the request → why it was refused.</param>
/// <param name="Partial">True where the other lines are in.</param>
/// <param name="Dropped">The number of lines dropped without being named.</param>
sealed record RefusedLines(string Message, IReadOnlyDictionary<int, string> Named, bool Partial, int Dropped)
{
    const string Parse = "unable to parse '";
    const string DroppedWord = "dropped=";

    /// <summary>Reads an answer's body. <paramref name="sent"/>: the lines as they were sent.</summary>
    public static RefusedLines Read(string body, ReadOnlySpan<byte> sent)
    {
        Dictionary<int, string> named = [];
        string message = body.Trim();
        bool numbered = false;
        try
        {
            using JsonDocument json = JsonDocument.Parse(body);
            message = MessageOf(json.RootElement) ?? message;
            numbered = ReadNumbers(json.RootElement, named);
        }
        catch (JsonException)
        {
            // A proxy's page, or an old version's plain text: the words count all the same.
        }

        if (!numbered && message.Contains(Parse, StringComparison.Ordinal))
        {
            ReadTexts(message, sent, named);
        }

        bool partial = message.Contains("partial write", StringComparison.OrdinalIgnoreCase);
        return new(message, named, partial, partial ? DroppedOf(message) : 0);
    }

    static string? MessageOf(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        foreach (string name in (ReadOnlySpan<string>)["error", "message"])
        {
            if (root.TryGetProperty(name, out JsonElement text) && text.ValueKind == JsonValueKind.String)
            {
                return text.GetString();
            }
        }

        return null;
    }

    // {"error":…,"data":[{"original_line":…,"line_number":2,"error_message":…}]}
    static bool ReadNumbers(JsonElement root, Dictionary<int, string> named)
    {
        if (root.ValueKind != JsonValueKind.Object
            || !root.TryGetProperty("data", out JsonElement data)
            || data.ValueKind != JsonValueKind.Array)
        {
            return false;
        }

        foreach (JsonElement line in data.EnumerateArray())
        {
            if (line.ValueKind == JsonValueKind.Object
                && line.TryGetProperty("line_number", out JsonElement number)
                && number.TryGetInt32(out int oneBased)
                && line.TryGetProperty("error_message", out JsonElement why))
            {
                named[oneBased - 1] = why.ToString();
            }
        }

        return named.Count > 0;
    }

    static void ReadTexts(string message, ReadOnlySpan<byte> sent, Dictionary<int, string> named)
    {
        Dictionary<string, int> indices = new(StringComparer.Ordinal);
        int index = 0;
        foreach (string line in Encoding.UTF8.GetString(sent).TrimEnd('\n').Split('\n'))
        {
            indices[line] = index++;
        }

        foreach (string part in message.Split(Parse).Skip(1))
        {
            // The line itself may hold the quote that ends it: the first end that gives a line of ours is it.
            for (int end = part.IndexOf('\'', StringComparison.Ordinal); end >= 0; end = part.IndexOf('\'', end + 1))
            {
                if (indices.TryGetValue(part[..end], out int found))
                {
                    string why = part[(end + 1)..].TrimStart(':', ' ');
                    int rest = why.IndexOf(" " + DroppedWord, StringComparison.Ordinal);
                    named[found] = (rest < 0 ? why : why[..rest]).Trim();
                    break;
                }
            }
        }
    }

    static int DroppedOf(string message)
    {
        int start = message.LastIndexOf(DroppedWord, StringComparison.Ordinal);
        ReadOnlySpan<char> digits = start < 0 ? default : message.AsSpan(start + DroppedWord.Length);
        int end = digits.IndexOfAnyExceptInRange('0', '9');
        return int.TryParse(end < 0 ? digits : digits[..end], CultureInfo.InvariantCulture, out int dropped) ? dropped : 0;
    }
}
